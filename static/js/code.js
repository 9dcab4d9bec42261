/* What was scanned or typed: a card (20 digits, Luhn), a good (13 digits, EAN), or neither. */

/* Digits of an address, of groups with blanks or hyphens, of full-width digits. Only what follows the last
   slash counts, so that neither host nor port get in. */
export function digitsOf(text) {
  const plain = String(text).normalize("NFKC").trim();
  const path = plain.split(/[?#]/)[0].replace(/\/+$/, "");
  return path.slice(path.lastIndexOf("/") + 1).replace(/\D/g, "");
}

export function isLuhn(digits) {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    let n = Number(digits[digits.length - 1 - i]);
    if (i % 2 === 1) {
      n *= 2;
      if (n > 9) n -= 9;
    }
    sum += n;
  }
  return digits.length > 0 && sum % 10 === 0;
}

export function isEan13(digits) {
  if (!/^\d{13}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 13; i += 1) sum += Number(digits[i]) * (i % 2 === 0 ? 1 : 3);
  return sum % 10 === 0;
}

export const isCard = (digits) => /^\d{20}$/.test(digits) && isLuhn(digits);

/* 8 digits that fetch a reservation. */
export const isFetch = (digits) => /^\d{8}$/.test(digits) && isLuhn(digits);

/* 'card', 'good', 'fetch' or '' */
export function kindOf(digits) {
  if (isCard(digits)) return "card";
  if (isFetch(digits)) return "fetch";
  return isEan13(digits) ? "good" : "";
}

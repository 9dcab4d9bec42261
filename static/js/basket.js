/* What lies in the basket and what it costs: plain sums, no page. Amounts are whole points; units are never added up. */

export const UNITS = ["home", "civility"];

/* Pieces between zero and what is left on the shelf. */
export function clamp(wanted, left) {
  const whole = Math.floor(Number(wanted));
  if (!Number.isFinite(whole) || whole < 0) return 0;
  return Math.min(whole, left);
}

/* A good without a price in this unit can't be paid with it. */
export const payable = (good, unit) => Number.isInteger(good.prices[unit]) && good.prices[unit] > 0;

/* How many pieces each unit pays. how: 'home', 'civility', or 'split' with so many pieces in civility points; what has
   one price only is paid with that. */
export function divide(good, count, how, civility = 0) {
  if (how !== "split") return { home: how === "home" ? count : 0, civility: how === "civility" ? count : 0 };
  let inCivility = Math.min(civility, count);
  if (!payable(good, "civility")) inCivility = 0;
  else if (!payable(good, "home")) inCivility = count;
  return { home: count - inCivility, civility: inCivility };
}

/* Whether each piece can be paid the way it is divided. */
export const fits = (good, pieces) => UNITS.every((unit) => pieces[unit] === 0 || payable(good, unit));

/* lines: [{good, pieces: {home, civility}}]; gives the points by unit. */
export function totals(lines) {
  const sums = { home: 0, civility: 0 };
  for (const { good, pieces } of lines) for (const unit of UNITS) sums[unit] += pieces[unit] * (good.prices[unit] || 0);
  return sums;
}

/* Yuan as typed (full-width digits too) as fen; NaN for anything else, 0 for nothing. */
export function fenOf(text) {
  const plain = String(text || "").normalize("NFKC").trim();
  if (!plain) return 0;
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(plain);
  return match ? Number(match[1]) * 100 + Number((match[2] || "0").padEnd(2, "0")) : NaN;
}

export const yuan = (fen) => `¥${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;

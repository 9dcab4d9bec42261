/* What lies in the basket and what it costs: plain sums, no page. Amounts are whole points. */

/* goods: [{id, prices: {home, civility}, left}], counts: Map id -> pieces, unit: 'home' | 'civility' */
export function total(goods, counts, unit) {
  let sum = 0;
  for (const good of goods) sum += (counts.get(good.id) || 0) * (good.prices[unit] || 0);
  return sum;
}

/* Pieces between zero and what is left on the shelf. */
export function clamp(wanted, left) {
  const whole = Math.floor(Number(wanted));
  if (!Number.isFinite(whole) || whole < 0) return 0;
  return Math.min(whole, left);
}

/* A good without a price in this unit can't be paid with it. */
export const payable = (good, unit) => Number.isInteger(good.prices[unit]) && good.prices[unit] > 0;

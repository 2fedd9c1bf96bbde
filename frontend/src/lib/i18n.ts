/** The sentence in the reader's language; `{name}` is filled in. */
export function t(message: string, values: Record<string, string | number> = {}): string {
  return message.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
/** The sentence for a count, which stands in it as `{count}`. */
export function tn(
  one: string,
  many: string,
  count: number,
  values: Record<string, string | number> = {},
): string {
  return t(count === 1 ? one : many, { count: count.toLocaleString(), ...values });
}

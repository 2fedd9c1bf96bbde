import { locale, t, tn } from "./i18n";

/** How times and counts are said, in the way of the reader's language. */

export function clock(time: Date): string {
  return time.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
}

/** "25 minutes", "2 h 5 min". */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return t("less than a minute");
  if (minutes < 60) return tn("{count} minute", "{count} minutes", minutes);
  return t("{hours} h {minutes} min", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/* Made once: a thread has thousands of times, and to make a format costs more than to use it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(tag: string): Intl.DateTimeFormat {
  const known = formats.get(tag);
  if (known) return known;
  const made = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" });
  formats.set(tag, made);
  return made;
}

/** "12 Mar 2024, 14:03". */
export function moment(iso: string): string {
  return format(locale()).format(new Date(iso));
}

/** `digits` stand behind the point, as many as are asked for. */
export function number(value: number, digits = 0): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(locale(), options);
}

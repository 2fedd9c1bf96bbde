/** How times and counts are said. */

export function clock(time: Date): string {
  return time.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

/* Made once: a thread has thousands of times, and to make a format costs more than to use it. */
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** "12 Mar 2024, 14:03", in the way of the reader's language. */
export function moment(iso: string): string {
  return MOMENT.format(new Date(iso));
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}

import type { Comment, MoreComments, WorkUnit } from "../api/types";
import { comment, work } from "./examples";

/** A thread of 1,001 comments: each answers the one before, and some quote the article. */
export const ALL: Comment[] = Array.from({ length: 1001 }, (_, i) =>
  comment(i + 1, `Comment ${i}.`, {
    position: i,
    depth: i,
    kind: i === 0 ? "article" : "comment",
    reply_to: i === 0 ? null : i,
    relations: i % 100 === 50 ? [quoteOf(1)] : [],
  }),
);

function quoteOf(target: number): Comment["relations"][number] {
  const places = { start: 0, end: 3, target_start: 0, target_end: 7 };
  return { kind: "quote", target, target_author: null, ...places };
}

/** The unit of the comment at a position, with 20 comments on either side. */
export function at(
  position: number,
  context: WorkUnit["campaign"]["context"] = "thread",
): WorkUnit {
  const first = Math.max(position - 20, 0);
  const last = context === "preceding" ? position : Math.min(position + 20, 1000);
  const near = ALL.slice(first, last + 1);
  const plain = work(position);
  return {
    ...plain,
    campaign: { ...plain.campaign, context },
    focus: position + 1,
    comments: first > 0 ? [ALL[0] as Comment, ...near] : near,
    window: {
      before: Math.max(first - 1, 0),
      after: context === "preceding" ? 0 : 1000 - last,
      first,
      last,
    },
  };
}

/** What the server answers when it is asked for more on one side. */
export function more(side: string, position: number, size: number): MoreComments {
  const rest = side === "before" ? ALL.slice(0, position) : ALL.slice(position + 1);
  const comments = side === "before" ? rest.slice(-size) : rest.slice(0, size);
  const beyond = rest.length - comments.length;
  const [before, after] = side === "before" ? [beyond, 0] : [0, beyond];
  return { comments, before, after };
}

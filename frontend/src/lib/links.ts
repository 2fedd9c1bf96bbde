import type { Comment, Relation } from "../api/types";
import { t } from "./i18n";
import type { Layer } from "./layers";
import type { Range } from "./offsets";
import { nameOf } from "./tree";

interface Source {
  from: Comment;
  relation: Relation;
}

/** Quotes and mentions between the comments that are loaded, in both directions. */
export class Links {
  /** By the comment that they lead to. */
  private readonly sources = new Map<number, Source[]>();

  /** Takes a comment in; gives the ids of all whose links may be different now. */
  add(comment: Comment): number[] {
    const targets: number[] = [];
    for (const relation of comment.relations) {
      const { target } = relation;
      if (target === null) continue;
      targets.push(target);
      this.sources.set(target, [...this.to(target), { from: comment, relation }]);
    }
    return [comment.id, ...targets, ...this.to(comment.id).map(({ from }) => from.id)];
  }

  /** The links of a comment, as they stand in its text: where it leads to, and who quotes it. */
  of(comment: Comment, find: (id: number | null) => Comment | undefined): Layer[] {
    const layers: Layer[] = [];
    for (const relation of comment.relations) {
      const target = find(relation.target);
      if (target) layers.push(leading(relation, target));
    }
    const quoting = this.to(comment.id).toSorted((a, b) => a.from.position - b.from.position);
    for (const { from, relation } of quoting) {
      const range = targetRange(relation);
      if (relation.kind === "quote" && range) layers.push(quoted(from, relation, range));
    }
    return layers;
  }

  private to(id: number): Source[] {
    return this.sources.get(id) ?? [];
  }
}

function leading(relation: Relation, target: Comment): Layer {
  const { kind, start, end } = relation;
  const called = { name: nameOf(target) };
  const name = kind === "quote" ? t("Quotes {name}", called) : t("Names {name}", called);
  const layer: Layer = { kind, start, end, target: target.id, name };
  const range = targetRange(relation);
  return range ? { ...layer, targetRange: range } : layer;
}

function quoted(from: Comment, relation: Relation, range: Range): Layer {
  const name = t("Quoted by {name}", { name: nameOf(from) });
  const targetRange = { start: relation.start, end: relation.end };
  return { kind: "source", ...range, target: from.id, name, targetRange };
}

function targetRange({ target_start: start, target_end: end }: Relation): Range | undefined {
  return start === null || end === null ? undefined : { start, end };
}

import { request } from "./client";
import type { components } from "./schema";

export type CodebookPreview = components["schemas"]["CodebookPreview"];
export type Change = components["schemas"]["Change"];
export type Fault = components["schemas"]["Fault"];

/** What a text would be as a codebook; nothing is stored. */
export class CodebookApi {
  constructor(private readonly address: string) {}

  preview(source: string): Promise<CodebookPreview> {
    return request("POST", this.address, { source });
  }
}

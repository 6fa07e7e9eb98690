/**
 * `deno task bun ...`: Bun, as npm's packages bring it.
 *
 * @module
 */

import { findBun } from "./bun_binary.ts";

const bun = new Deno.Command(await findBun(), { args: Deno.args });
const { code } = await bun.spawn().status;
Deno.exit(code);

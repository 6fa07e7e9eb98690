import { expect } from "@std/expect";
import { HeldScreen } from "../../scripts/held_screen.ts";
import { test } from "../support/harness.ts";

test("what is printed is held until it is shown, and comes at once from then on", () => {
  let shown = "";
  // As a pipe that is almost full: a byte at a time.
  const to = {
    writeSync(bytes: Uint8Array) {
      shown += new TextDecoder().decode(bytes.subarray(0, 1));
      return Math.min(bytes.length, 1);
    },
  };
  const screen = new HeldScreen(to);
  const print = (text: string) => new TextEncoder().encode(text);
  const reused = print("first, ");
  screen.stdout.writeSync(reused);
  reused.fill(0);
  expect(screen.stderr.writeSync(print("second"))).toBe(6);
  expect(shown).toBe("");
  screen.show();
  expect(shown).toBe("first, second");
  screen.stdout.writeSync(print(", third"));
  screen.show();
  expect(shown).toBe("first, second, third");
});

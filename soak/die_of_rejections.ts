import process from "node:process";

/**
 * Ends this process where nobody handles a rejection, as Deno does by itself: Bun complains and goes on for as long as
 * anything keeps it busy.
 */
export function dieOfRejections(): void {
  process.on("unhandledRejection", (reason) => {
    console.error("Nobody handles the rejection:", reason);
    process.exit(1);
  });
}

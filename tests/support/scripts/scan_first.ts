/**
 * Reads the first batch of the file that its argument names, and prints its rows, or what the error says.
 */
import process from "node:process";
import { scanParquet, SpillwayError } from "spillway";

try {
  const [path] = process.argv.slice(2);
  const reader = scanParquet(path!).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  console.log(JSON.stringify({ rows: value?.numRows }));
} catch (error) {
  if (!(error instanceof SpillwayError)) throw error;
  console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message }));
}

// Unpacks Chromium, its libraries and fonts into the folder for temporary files (TMPDIR). Downloads nothing.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflate } from "@sparticuz/chromium";

const packed = join(dirname(fileURLToPath(import.meta.url)), "node_modules", "@sparticuz", "chromium", "bin");
await Promise.all(readdirSync(packed).map((file) => inflate(join(packed, file))));

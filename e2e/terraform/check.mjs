// node check.mjs FOLDER…: for each folder what is wrong with its Terraform files, and what they would make, as one JSON array.
import { Plan } from "./plan.mjs";

const found = [];
for (const folder of process.argv.slice(2)) {
  found.push(await new Plan(folder).made());
}
process.stdout.write(JSON.stringify(found));

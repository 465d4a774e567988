export { placesOf } from "./places.ts";
export { readRules } from "./rules.ts";

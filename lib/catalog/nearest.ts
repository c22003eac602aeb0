export { nearest } from "../nearest.cjs";

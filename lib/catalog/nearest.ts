export { nearest } from "../nearest";

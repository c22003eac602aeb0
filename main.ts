import { synthProject } from "./stacks/synth-project.js";

synthProject();

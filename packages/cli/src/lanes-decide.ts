import type { Command } from 'commander';
import type { Output } from './output.ts';

/** Adds the decisions about lanes to `hookline lanes`. */
export function addLaneDecisions(_lanes: Command, _output: Output): void {}

import announce from './announce.ts';
import board from './board.ts';
import labels from './labels.ts';
import report from './report.ts';
import scan from './scan.ts';
import seats from './seats.ts';
import stars from './stars.ts';
import sync from './sync.ts';
import titleCheck from './title-check.ts';
import triage from './triage.ts';
import welcome from './welcome.ts';

// HOOKLINE_HANDLERS_MODULE=examples/handlers/src/index.ts
export default [announce, board, labels, report, scan, seats, stars, sync, titleCheck, triage, welcome];

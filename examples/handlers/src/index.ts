import announce from './announce.ts';
import labels from './labels.ts';
import report from './report.ts';
import scan from './scan.ts';
import stars from './stars.ts';
import sync from './sync.ts';
import titleCheck from './title-check.ts';
import welcome from './welcome.ts';

// HOOKLINE_HANDLERS_MODULE=examples/handlers/src/index.ts
export default [announce, labels, report, scan, stars, sync, titleCheck, welcome];

/** The entry of the inspect realm's worker. */
import { runRealm } from '../realm';
import { inspectService } from './service';

runRealm(inspectService);

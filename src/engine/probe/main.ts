/** The entry of the probe: a realm for one question. */
import { runRealm } from '../realm';
import { probeService } from './service';

runRealm(probeService);

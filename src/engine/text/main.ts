/** The entry of the text realm's worker. */
import { runRealm } from '../realm';
import { textService } from './service';

runRealm(textService);

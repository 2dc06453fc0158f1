/** The entry of the train realm's worker. */
import { runRealm } from '../realm';
import { trainService } from './service';

runRealm(trainService);

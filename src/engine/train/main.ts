/** The entry of the train realm's worker. */
import { runRealm } from '../realm';
import { giveWay } from './giveWay';
import { trainService } from './service';

runRealm((config) => {
  if (config.beside) giveWay();
  return trainService(config);
});

/** Every fused kernel; `src/core/model/fused.ts` lists their names. */
import './adamw';
import './attention';
import './decode';
import './linear';
import './rows';
import './seenAttention';

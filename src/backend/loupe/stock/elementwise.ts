/** Functions of one tensor, element by element. */
import { kernel, sizeOf } from '../registry';

/** As in `../../assembly/stock/elementwise.ts`. */
const block = 16384;

const unary = { Exp: 'exp' };

for (const [name, own] of Object.entries(unary)) {
  kernel(name, ({ inputs, backend }) => {
    const x = inputs.x!;
    const out = backend.output(x.shape);
    const size = sizeOf(x.shape);
    backend.run(own, Math.ceil(size / block), [backend.address(x), backend.address(out), size]);
    return out;
  });
}

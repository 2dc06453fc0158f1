/** Every op of tfjs that the model is made of. */
import './elementwise';
import './matMul';
import './move';
import './rows';

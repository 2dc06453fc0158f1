/** Every op of tfjs that the model is made of. */
import './elementwise';

/** The door for plugin authors: contracts, decorators, tokens, small maths. */
import './di.js';
export { seededRandom, type Random } from './util/random.js';

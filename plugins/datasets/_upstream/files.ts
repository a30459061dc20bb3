/**
 * The files of RouterXBench (the Python original) that the datasets consist of, pinned by commit
 * and git blob id.
 */
import type { RemoteFile } from '../../../core/index.js';

const REPOSITORY = 'zhuchichi56/RouterXBench';
const COMMIT = '157b474ab1d4bf7ce33a060cfb6f76440f8dc06e';

/** Path under src/data → git blob id, and the size in bytes if known. */
const BLOBS = {
  'alpaca_10k.jsonl': ['442517180106d31bdcf3621e11d504aa76441bbf', 3833139],
  'alpaca_5k_test.jsonl': ['0385dfecaf26a1ca1b32c607c2e81eaa56db31cd', 778683],
  'alpaca_5k_train.jsonl': ['0267f803799af94a59572f20a897538e4708f158', 3204040],
  'big_math_10k.jsonl': ['b5ac3eac5a3ae87d6af7f1f0a9e06969cc0c56ae', 3610133],
  'big_math_5k_test.jsonl': ['09c14e604686c3497da386fdecf116814e5b1f1f', 380444],
  'big_math_5k_train.jsonl': ['ec2ed0d58680a514744539cf5da709a1c764fa1b', 1529370],
  'hotpotqa_4k.jsonl': ['01870e034b9f135b58fc24c4fa019099e76e84f3', 1437917],
  'hotpotqa_500.jsonl': ['918bfef1c8c3447c414c1e04f4871f3ccded71a7', 173160],
  'llmjudge/mt_bench/question.jsonl': ['464e2c22f7a021a0f9a584d232338a9a17c40066', 48929],
  'llmjudge/mt_bench/reference_answer/gpt-4.jsonl': [
    '8b66387a3129cbb117178fe515491df553dd52df',
    51109,
  ],
  'magpie_5k_test.jsonl': ['0b9029eb8d3114c26be958a6648a7e545b0595e3', 2724798],
  'magpie_5k_train.jsonl': ['3463608ee1b95e8e0d1282c1c6a56363ca76969d', null],
  'math.jsonl': ['75a5ef2277465331edcd2ee48a69215b6b52d637', 1435485],
  'mmlu_pro/biology_converted.jsonl': ['7634c595e2c82f059bc673aab3d03f301b2633a7', 813135],
  'mmlu_pro/business_converted.jsonl': ['d0493e91b9abdbfaada578986732b7ad0cb6b9b1', 534842],
  'mmlu_pro/chemistry_converted.jsonl': ['5ff8aaa4583b5bf03078af34f45434473ebee735', 817786],
  'mmlu_pro/computer_science_converted.jsonl': ['a1e5941e331e18d68fa4a129513d05ec7e28021b', 339652],
  'mmlu_pro/economics_converted.jsonl': ['cd1c5d7e3b72fde55715ac330484703796ba794f', 800188],
  'mmlu_pro/engineering_converted.jsonl': ['ba49fd9d567487b4dea760e7b56111cbc168f061', 833854],
  'mmlu_pro/health_converted.jsonl': ['3f5878bf77f01a8b49662b43e002fbf90a5dbc85', 691984],
  'mmlu_pro/history_converted.jsonl': ['cc0b972c5d6f937784264ace7bed9e8fabbed41a', 599502],
  'mmlu_pro/law_converted.jsonl': ['a81cb752b70e7fccce3a94572f812205d3dded3b', 2052646],
  'mmlu_pro/math_converted.jsonl': ['ece32a1515ffdaa944bd96b1505708482172c1d2', 772758],
  'mmlu_pro/other_converted.jsonl': ['f3ea5608d379948e5085f9594481295fc18b813a', 701284],
  'mmlu_pro/philosophy_converted.jsonl': ['0b7f210f462f42ebfb1172f45e731014894911b3', 367658],
  'mmlu_pro/physics_converted.jsonl': ['11f10ff3a8944488154553e1e2497ebd709d7c70', 929112],
  'mmlu_pro/psychology_converted.jsonl': ['6b36699701a94f719487e286c038dfb7f0edfd1e', 819638],
  'mmlu_test.jsonl': ['5aa34d3ba651c43acef0f24604b2cadc15262893', null],
  'mmlu_train.jsonl': ['c6cd474752621758db2be3e9f31388ba40ba2177', 2951599],
  'numina_cot_5k_test.jsonl': ['6527528da637f92fc1531f027272fdb4bf0b464e', 1488823],
} as const satisfies Readonly<Record<string, readonly [string, number | null]>>;

/** A path under src/data of the original. */
export type UpstreamPath = keyof typeof BLOBS;

/** The URL and the checksum of one of the files. */
export function upstreamFile(path: UpstreamPath): RemoteFile {
  const [gitBlob, bytes] = BLOBS[path];
  return {
    url: `https://raw.githubusercontent.com/${REPOSITORY}/${COMMIT}/src/data/${path}`,
    path: `src/data/${path}`,
    origin: `github.com/${REPOSITORY} at ${COMMIT}`,
    check: { gitBlob },
    ...(bytes === null ? {} : { bytes }),
  };
}

/**
 * The system calls that a third-party program may not make, as a filter for the kernel (seccomp, in
 * classic BPF): those that reach what no namespace separates (keys, other address families), that
 * hold memory which belongs to no process, or that would build a new sandbox inside this one.
 */

/** The machines whose system calls are known here, as `process.arch` names them. */
type Machine = 'x64' | 'arm64';

interface Numbers {
  /** AUDIT_ARCH_… of <linux/audit.h>. */
  readonly audit: number;
  /** Columns of the tables. */
  readonly column: 0 | 1;
}

const MACHINES: Readonly<Record<Machine, Numbers>> = {
  x64: { audit: 0xc000003e, column: 0 },
  arm64: { audit: 0xc00000b7, column: 1 },
};

/** Refused with EPERM. Numbers: x64, arm64; null where the machine has no such call. */
const REFUSED: Readonly<Record<string, readonly [number | null, number | null]>> = {
  // keys of the kernel
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // memory and messages that outlive a process or belong to none
  shmget: [29, 194],
  shmat: [30, 196],
  shmctl: [31, 195],
  shmdt: [67, 197],
  semget: [64, 190],
  semop: [65, 193],
  semctl: [66, 191],
  semtimedop: [220, 192],
  msgget: [68, 186],
  msgsnd: [69, 189],
  msgrcv: [70, 188],
  msgctl: [71, 187],
  mq_open: [240, 180],
  mq_unlink: [241, 181],
  mq_timedsend: [242, 182],
  mq_timedreceive: [243, 183],
  mq_notify: [244, 184],
  mq_getsetattr: [245, 185],
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  // namespaces and mounts
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  statmount: [457, 457],
  listmount: [458, 458],
  // other processes
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  // parts of the kernel with much code, or that make calls past this filter
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_setup: [206, 0],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  fanotify_init: [300, 262],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  lookup_dcookie: [212, 18],
  // the machine itself
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  syslog: [103, 116],
  acct: [163, 89],
  swapon: [167, 224],
  swapoff: [168, 225],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  vhangup: [153, 58],
  iopl: [172, null],
  ioperm: [173, null],
  modify_ldt: [154, null],
  uselib: [134, null],
};

/** Calls whose arguments decide. */
const CLONE = [56, 220] as const;
const CLONE3 = [435, 435] as const;
const SOCKET = [41, 198] as const;
const SOCKETPAIR = [53, 199] as const;
const MMAP = [9, 222] as const;
/** The first number that was not in use when this list was made (Linux 6.13). */
const UNKNOWN = 467;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
/** CLONE_NEW… of all namespaces. */
const NEW_NAMESPACES = 0x7e020000;
const MAP_SHARED_ANONYMOUS = 0x21;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const LOAD = 0x20;
const AND = 0x54;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const RETURN = 0x06;
const KILL = 0x80000000;
const ALLOW = 0x7fff0000;
const refuseWith = (errno: number): number => 0x00050000 | errno;

/** Offsets in `struct seccomp_data`; the lower half of an argument. */
const NUMBER = 0;
const AUDIT = 4;
const argument = (index: number): number => 16 + 8 * index;

type Target = 'next' | 'kill' | 'allow' | 'refuse' | 'absent' | 'noFamily' | number;

interface Instruction {
  readonly code: number;
  readonly value: number;
  readonly ifTrue: Target;
  readonly ifFalse: Target;
}

const OUTCOMES = {
  kill: KILL,
  allow: ALLOW,
  refuse: refuseWith(EPERM),
  absent: refuseWith(ENOSYS),
  noFamily: refuseWith(EAFNOSUPPORT),
} as const;

const step = (code: number, value: number): Instruction => ({
  code,
  value,
  ifTrue: 'next',
  ifFalse: 'next',
});
const test = (
  code: number,
  value: number,
  ifTrue: Target,
  ifFalse: Target = 'next',
): Instruction => ({ code, value, ifTrue, ifFalse });

/** The instructions that decide about one call by its arguments; others skip them. */
const decideCall = (number: number, body: readonly Instruction[]): readonly Instruction[] => [
  test(JUMP_EQUAL, number, 'next', body.length),
  ...body,
];

function listInstructions({ audit, column }: Numbers): readonly Instruction[] {
  const refused = Object.values(REFUSED).flatMap((numbers) => numbers[column] ?? []);
  return [
    step(LOAD, AUDIT),
    test(JUMP_EQUAL, audit, 'next', 'kill'), // programs for another machine make other calls
    step(LOAD, NUMBER),
    test(JUMP_AT_LEAST, UNKNOWN, 'absent'),
    test(JUMP_EQUAL, CLONE3[column], 'absent'), // its arguments are out of sight: clone is used
    ...decideCall(CLONE[column], [
      step(LOAD, argument(0)),
      step(AND, NEW_NAMESPACES),
      test(JUMP_EQUAL, 0, 'allow', 'refuse'),
    ]),
    ...decideCall(SOCKET[column], [
      step(LOAD, argument(0)),
      test(JUMP_EQUAL, AF_INET, 'allow'),
      test(JUMP_EQUAL, AF_INET6, 'allow'),
      test(JUMP_EQUAL, AF_NETLINK, 'next', 'noFamily'),
      step(LOAD, argument(2)),
      test(JUMP_EQUAL, NETLINK_ROUTE, 'allow', 'noFamily'),
    ]),
    ...decideCall(SOCKETPAIR[column], [
      step(LOAD, argument(0)),
      test(JUMP_EQUAL, AF_UNIX, 'allow', 'noFamily'),
    ]),
    ...decideCall(MMAP[column], [
      step(LOAD, argument(3)),
      step(AND, MAP_SHARED_ANONYMOUS),
      test(JUMP_EQUAL, MAP_SHARED_ANONYMOUS, 'refuse', 'allow'),
    ]),
    ...refused.map((number) => test(JUMP_EQUAL, number, 'refuse')),
    step(RETURN, ALLOW),
  ];
}

/** The filter of a machine: instructions of 8 bytes; undefined where its calls are not known. */
export function buildSeccompFilter(machine: string): Buffer | undefined {
  if (!Object.hasOwn(MACHINES, machine)) return undefined;
  const instructions = listInstructions(MACHINES[machine as Machine]);
  const outcomes = Object.keys(OUTCOMES);
  const jump = (target: Target, from: number): number => {
    if (target === 'next') return 0;
    if (typeof target === 'number') return target;
    return instructions.length + outcomes.indexOf(target) - from - 1;
  };
  const all = [...instructions, ...Object.values(OUTCOMES).map((value) => step(RETURN, value))];
  const bytes = Buffer.alloc(8 * all.length);
  for (const [i, { code, value, ifTrue, ifFalse }] of all.entries()) {
    bytes.writeUInt16LE(code, 8 * i);
    bytes.writeUInt8(jump(ifTrue, i), 8 * i + 2);
    bytes.writeUInt8(jump(ifFalse, i), 8 * i + 3);
    bytes.writeUInt32LE(value >>> 0, 8 * i + 4);
  }
  return bytes;
}

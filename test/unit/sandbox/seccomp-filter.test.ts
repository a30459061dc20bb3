import { expect } from 'chai';
import { buildSeccompFilter } from '../../../sandbox/seccomp-filter.js';

const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const ALLOWED = 'allowed';
const KILLED = 'killed';

/** What the kernel would do: the instructions of classic BPF that a filter may use. */
function judge(filter: Buffer, number: number, args: readonly number[], audit: number): string {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(audit >>> 0, 4);
  for (const [i, arg] of args.entries()) data.writeUInt32LE(arg >>> 0, 16 + 8 * i);
  let value = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const code = filter.readUInt16LE(at);
    const operand = filter.readUInt32LE(at + 4);
    const jump = (taken: boolean): void => void (at += 8 * filter.readUInt8(at + (taken ? 2 : 3)));
    if (code === 0x20) value = data.readUInt32LE(operand);
    else if (code === 0x54) value = (value & operand) >>> 0;
    else if (code === 0x15) jump(value === operand);
    else if (code === 0x35) jump(value >= operand);
    else if (code === 0x06) {
      if (operand === 0x7fff0000) return ALLOWED;
      return operand === 0x80000000 ? KILLED : `errno ${operand & 0xffff}`;
    } else throw new Error(`no such instruction: ${code}`);
  }
  throw new Error('the filter ends without a decision');
}

type Call = readonly [name: string, x64: number, arm64: number, args?: readonly number[]];
const CALLS: Readonly<Record<string, readonly Call[]>> = {
  [ALLOWED]: [
    ['read', 0, 63],
    ['write', 1, 64],
    ['execve', 59, 221],
    ['exit_group', 231, 94],
    ['futex', 202, 98],
    ['prctl', 157, 167],
    ['socket of IPv4', 41, 198, [2, 1, 0]],
    ['socket of IPv6', 41, 198, [10, 1, 0]],
    ['netlink for routes', 41, 198, [16, 3, 0]],
    ['pair of UNIX sockets', 53, 199, [1, 1, 0]],
    ['thread', 56, 220, [0x003d0f00]],
    ['process', 56, 220, [0x01200011]],
    ['private memory', 9, 222, [0, 4096, 3, 0x22]],
    ['shared file', 9, 222, [0, 4096, 3, 0x01]],
    ['fork of vfork', 56, 220, [0x4111]],
  ],
  'errno 1': [
    ['keyctl', 250, 219],
    ['shmget', 29, 194],
    ['memfd_create', 319, 279],
    ['unshare', 272, 97],
    ['mount', 165, 40],
    ['io_uring_setup', 425, 425],
    ['ptrace', 101, 117],
    ['bpf', 321, 280],
    ['new user namespace', 56, 220, [0x10000011]],
    ['new network', 56, 220, [0x40000011]],
    ['new mounts', 56, 220, [0x00020011]],
    ['new control groups', 56, 220, [0x02000011]],
    ['shared memory', 9, 222, [0, 4096, 3, 0x21]],
    ['shared memory, validated', 9, 222, [0, 4096, 3, 0x23]],
  ],
  'errno 38': [
    ['clone3', 435, 435],
    ['the next call of Linux', 467, 467],
    ['a call of the x32 interface', 0x40000000, 0x40000000],
    ['ptrace of the x32 interface', 0x40000209, 0x40000209],
  ],
  'errno 97': [
    ['UNIX socket', 41, 198, [1, 1, 0]],
    ['vsock', 41, 198, [40, 1, 0]],
    ['packets', 41, 198, [17, 3, 0]],
    ['Bluetooth', 41, 198, [31, 3, 0]],
    ['kernel cryptography', 41, 198, [38, 5, 0]],
    ['netlink for kernel events', 41, 198, [16, 3, 15]],
    ['pair of another family', 53, 199, [30, 1, 0]],
  ],
};

describe('the filter of system calls', () => {
  for (const machine of ['x64', 'arm64'] as const) {
    it(`allows on ${machine} what programs need, and refuses the rest`, () => {
      const filter = buildSeccompFilter(machine);
      if (filter === undefined) throw new Error('no filter');
      for (const [outcome, calls] of Object.entries(CALLS))
        for (const [name, x64, arm64, args = []] of calls)
          expect(
            judge(filter, machine === 'x64' ? x64 : arm64, args, AUDIT[machine]),
            name,
          ).to.equal(outcome);
    });

    it(`ends a program on ${machine} that makes calls of another machine`, () => {
      const filter = buildSeccompFilter(machine);
      expect(judge(filter ?? Buffer.alloc(0), 0, [], 0x40000003)).to.equal(KILLED);
    });
  }

  it('is not known for other machines', () => {
    for (const machine of ['ia32', 'toString', ''])
      expect(buildSeccompFilter(machine)).to.equal(undefined);
  });
});

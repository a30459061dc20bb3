/** The rows of a set that all its routers share, with the cluster of each row, numbered from 0. */
export interface SharedRows {
  readonly n: number;
  readonly weak: Float64Array;
  readonly strong: Float64Array;
  readonly label: Uint8Array;
  readonly cluster: Uint32Array;
  readonly clusters: number;
}

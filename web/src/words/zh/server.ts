/** Words of the server that the page shows beside its own. */
import type { Table } from "./all";

export const SERVERS: Table = {
  nats: "奈特",
  distortion: "失真",
  "squared error": "平方误差",
  "squared units of the data": "数据单位的平方",
  "more unusual": "更不寻常",
};

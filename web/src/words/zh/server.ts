/** Words of the server that the page shows beside its own. */
import type { Table } from "./all";

export const SERVERS: Table = {
  nats: "奈特",
  distortion: "失真",
  "−ELBO at the mean": "均值处的 −ELBO",
  "squared error": "平方误差",
  "squared units of the data": "数据单位的平方",
  "squared deviations of the columns": "各列标准差的平方",
  "more unusual": "更不寻常",
  "no data were given": "没有给出数据",
  "the first of {count} values of each row’s label": "每行标签的 {count} 个值中的第一个",
  "{count} different labels are too many to be told apart by colours": "{count} 种不同的标签太多，无法用颜色区分",
};

/** What a page in one file says when it can't run its model. */
import type { Table } from "./all";

export const FILE: Table = {
  "this page knows no operator {operator}: export the file again": "本页面不支持算子 {operator}：请重新导出文件",
  "This page can't run the model: {why}": "本页面无法运行该模型：{why}",
  "This browser can't run the model: {why}": "此浏览器无法运行该模型：{why}",
  "this file has no runtime for it": "本文件不含运行它所需的运行时",
};

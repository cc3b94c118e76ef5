/** What went wrong, as far as the page says it itself. */
import type { Table } from "./all";

export const NOTICES: Table = {
  "the server's answer can't be read; are page and server of one version?": "无法读懂服务器的回答；页面和服务器是同一个版本吗？",
  "The server has stopped answering. Is aevum explore still running?": "服务器不再回答。aevum explore 还在运行吗？",
  "The server does not know this page any more: open the address that aevum explore has printed last, and then this link again.":
    "服务器不再认识本页：请先打开 aevum explore 最后打印的网址，再打开这个链接。",
  "The server answered with {status}": "服务器的回答是 {status}",
  "The connection to the server broke.": "与服务器的连接断了。",
  "the server's answer lacks {name}; are page and server of one version?": "服务器的回答里缺少 {name}；页面和服务器是同一个版本吗？",
  "the server sent a picture that this page can't read": "服务器发来的图片本页读不了",
  "the server sent a message that this page can't read; are both of one version?": "服务器发来的消息本页读不懂；两者是同一个版本吗？",
  "This file is incomplete: export it again.": "这个文件不完整：请重新导出。",
  "The rows could not be read: {why}": "未能读取各行：{why}",
  "The rows could not be scored: {why}": "未能给各行打分：{why}",
  "The point could not be decoded: {why}": "未能解码这个点：{why}",
  "The picture could not be encoded: {why}": "未能编码图片：{why}",
  "The posterior could not be resampled: {why}": "未能从后验重新抽样：{why}",
  "The codes could not be decoded: {why}": "未能解码这些编码：{why}",
  "The nearest rows could not be found: {why}": "未能找到最近的行：{why}",
  "The example could not be followed through the model: {why}": "未能跟踪这个样例通过模型：{why}",
};

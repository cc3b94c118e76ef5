/** The panels Inside and Generate, and the words that have to be known. */
import type { Table } from "./all";

export const INSIDE: Table = {
  "Row {row}, {label}": "第 {row} 行，{label}",
  "Row {row}, pointed at": "所指的第 {row} 行",
  "Row {row}, {label}, pointed at": "所指的第 {row} 行，{label}",
  "What the probe decodes to": "探针处的解码",
  "The drawing": "所画的图",
  "Goes through the model": "送进模型的是",
  "Probe or row": "探针或行",
  "Point at a row of the map, or go to one with Enter or a double click, to send it through.":
    "指向地图上的一行，或用 Enter 或双击跳到一行，便把它送进模型。",
  "Waiting for the model …": "正在等待模型……",
  encoder: "编码器",
  decoder: "解码器",
  "no noise": "无噪声",
  "x goes through the encoder to μ {mean} and σ {spread}; without noise it becomes z {code}, which the decoder makes x̂ of.":
    "x 经过编码器得到 μ {mean} 和 σ {spread}；没有噪声，它成为 z {code}，解码器再由此得到 x̂。",
  "x goes through the encoder to μ {mean} and σ {spread}; with ε {noise} it becomes z {code}, which the decoder makes x̂ of.":
    "x 经过编码器得到 μ {mean} 和 σ {spread}；加上 ε {noise}，它成为 z {code}，解码器再由此得到 x̂。",
  "y enters encoder and decoder.": "y 同时输入编码器和解码器。",
  "The encoder gives each latent a mean μ and a spread σ; ε is drawn anew each time, and the gradient passes through μ and σ.":
    "编码器给每个隐变量一个均值 μ 和一个标准差 σ；ε 每次重新抽取，梯度从 μ 和 σ 通过。",
  "The encoder of an auto-encoder gives a point: σ = 0, so no noise comes in, there is no rate, and the distortion is all of the loss.":
    "自编码器的编码器给出一个点：σ = 0，所以没有噪声进来，没有码率，损失就只有失真。",
  "The posterior is no Gaussian: a flow f bends one. Below are mean and deviation of many draws of z, and not the flow’s own μ and σ.":
    "后验不是高斯分布：流 f 把一个高斯分布弯成它。下面是 z 的许多抽样的均值和标准差，而不是流自己的 μ 和 σ。",
  "y = {y} enters both ends: z need not say it.": "y = {y} 从两端输入：z 不必再说它。",
  "The page’s y enters both ends, of rows too: choose it under Condition.": "本页的 y 从两端输入，对各行也是如此：请在“条件”里选它。",
  "Resample ε": "重抽 ε",
  "Noise of each latent": "每个隐变量的噪声",
  "{name}, value": "{name} 的值",
  "Drag the point to choose ε; by keyboard, the sliders below.": "拖动这个点来选 ε；用键盘时请用下面的滑块。",
  Latent: "隐变量",
  rate: "码率",
  "All {count} latents": "全部 {count} 个隐变量",
  "Only those of the highest rate": "只看码率最高的",
  "ε[{a}] to the right, ε[{b}] upwards: drag the point": "向右是 ε[{a}]，向上是 ε[{b}]：拖动这个点",
  "Loss of this code": "这个编码的损失",
  distortion: "失真",
  "squared error": "平方误差",
  nats: "奈特",
  "squared units of the data": "数据单位的平方",
  "squared deviations of the columns": "各列标准差的平方",
  "Distortion {distortion} plus rate {rate} nats are {total} nats": "失真 {distortion} 加码率 {rate} 奈特等于 {total} 奈特",
  "Distortion {distortion} {unit}": "失真 {distortion} {unit}",
  "Mean of {count} draws of ε": "{count} 次抽取 ε 的平均",
  "What z decodes to is a mean, and no row that this likelihood could give: it has no score. Point at a row on the map to see its terms.":
    "z 解码得到的是均值，并不是该似然能够给出的一行，因此没有得分。请指向图上的一行，查看它的各项。",
  "beyond what can be computed: the model knows nothing like this example": "超出了可计算的范围：模型从未见过这样的样例",
  "The rate has no closed form here: it is log q(z) − log p(z) of each draw, and its mean is KL(q ‖ p).":
    "这里的码率没有闭式：它是每次抽样的 log q(z) − log p(z)，其平均值就是 KL(q ‖ p)。",
  "A point has no rate: −ELBO is not defined, and only the distortion is left.": "一个点没有码率：−ELBO 无定义，只剩下失真。",
  "This file holds no density of the data for this model: squared errors are shown, and no rate.":
    "这个文件里没有该模型的数据密度：显示的是平方误差，没有码率。",
  "{count} codes of the same x, decoded": "同一个 x 的 {count} 个编码的解码",
  "Distortion, rate, nats, −ELBO, spread": "失真、码率、奈特、−ELBO、标准差",
  "what it means": "它的含义",
  Distortion: "失真",
  "−log p(x|z): how badly x is told when only its code z is known. Less is better.":
    "−log p(x|z)：只知道编码 z 时，x 被说得有多不准。越小越好。",
  Rate: "码率",
  "KL(q(z|x) ‖ p(z)): how much the posterior of this x says beyond the prior, so how much the code tells of x.":
    "KL(q(z|x) ‖ p(z))：这个 x 的后验比先验多说了多少，也就是编码携带了多少关于 x 的信息。",
  Nats: "奈特",
  "The unit of distortion and rate: natural logarithms. 1 nat = 1.44 bits.": "失真和码率的单位，用自然对数。1 奈特 = 1.44 比特。",
  "Distortion plus rate, which training makes small. Its mean over ε is never below −log p(x).":
    "失真加码率，训练要把它变小。它对 ε 的平均值从不低于 −log p(x)。",
  "Spread σ": "标准差 σ",
  "How far codes of the same x lie apart. Large: the decoder must make the same of all of them.":
    "同一个 x 的编码彼此相距多远。σ 大，解码器就得从所有这些编码得出同样的结果。",
  "Can it generate?": "它能生成吗？",
  "Decode codes that no row has: draws of N(0, I), the same for every run, or codes from a box on the map.":
    "解码任何一行都没有的编码：N(0, I) 的抽样（每个运行都用同一批），或取自地图上一个框的编码。",
  "Draw {count} codes from N(0, I)": "从 N(0, I) 抽取 {count} 个编码",
  "Draw {count} others": "另抽 {count} 个",
  "From N(0, I) to the model’s own codes": "从 N(0, I) 到模型自己的编码",
  "own codes": "自己的编码",
  "{share} of the way to the model’s own codes": "到模型自己的编码之路的 {share}",
  Box: "框",
  "Drag a box on a map: codes are drawn evenly from it": "在地图上拖出一个框：编码从中均匀抽取",
  "No box": "去掉框",
  from: "从",
  "up from": "上下从",
  "up to": "到",
  "N(0, I) is this model’s prior: it learned to decode such codes.": "N(0, I) 就是这个模型的先验：它学过解码这样的编码。",
  "This model’s prior is another than N(0, I): the slider leads to its draws.":
    "这个模型的先验不是 N(0, I)：滑块通向它自己的抽样。",
  "An auto-encoder has no prior, so N(0, I) is a guess: the slider leads to draws of a mixture fitted to its codes.":
    "自编码器没有先验，所以 N(0, I) 只是猜测：滑块通向拟合其编码的混合分布的抽样。",
  "{share} of the rows’ codes lie where N(0, I) has 99 % of its draws.": "各行的编码有 {share} 落在 N(0, I) 的 99 % 抽样所在之处。",
  "Decoded codes, each with the row nearest to it and its score": "解码的编码，各附最近的行和分数",
  "Picture {i}": "第 {i} 张",
  "Picture {i}, {score}": "第 {i} 张，{score}",
  "nearest row {row}": "最近的是第 {row} 行",
  "nearest row {row}, {label}": "最近的是第 {row} 行，{label}",
  "{met} of {all} classes met": "{all} 个类别中出现了 {met} 个",
  "{ratio} × as far from the nearest row as rows are from one another": "离最近行的距离是各行彼此距离的 {ratio} 倍",
  "median {name} {value} {unit}, of rows {usual}": "{name}的中位数 {value} {unit}，各行为 {usual}",
  "Nearest: of the rows whose codes are nearest to the code of what is decoded, the one whose values are. Its label counts as the class of what is decoded. Distances and scores are medians; what is decoded has none of the rows’ noise, so it scores better than they do.":
    "最近的行：在编码与解码结果的编码最近的那些行中，取值最接近的一行；它的标签就算作解码结果的类别。距离和分数都取中位数；解码的结果没有各行的噪声，所以分数比它们好。",
  "Classes of the nearest rows, of {count}": "最近行的类别，共 {count} 个",
  "{name}: {parts} = {total} nats": "{name}：{parts} = {total} 奈特",
  "{name}: {drawn}, data {data}": "{name}：{drawn}，数据 {data}",
  decoded: "解码结果",
  "No scores: the decoder gives means, and in some column of this table no row has a value between two others.":
    "没有分数：解码器给出的是均值，而此表的某一列中，没有任何行取两个值之间的值。",
  "Looking for the nearest rows …": "正在寻找最近的行……",
};

/** The tour, how one is written, and what is wrong with one. */
import type { Table } from "./all";

export const TOUR: Table = {
  Tour: "导览",
  "Tour: {title}": "导览：{title}",
  "Previous step": "上一步",
  Next: "下一步",
  Done: "完成",
  "Step {step} of {count}: {title}.": "第 {step} 步，共 {count} 步：{title}。",
  Present: "演示",
  "Large, for a room (P)": "放大显示，供课堂使用（P）",
  "Write a tour": "编写导览",
  "End the tour": "结束导览",
  "Leave the presentation": "退出演示",
  "A tour": "一个导览",
  "First step": "第一步",
  "Next step": "下一步",
  "What there is to see.": "这里能看到什么。",
  Yours: "您的",
  "The run’s": "运行自带的",
  "The usual one": "通用的",
  "large and with little around it, for a room; Esc leaves": "放大显示、去掉四周，供课堂使用；Esc 退出",
  "in a tour, the step before and the next one; Esc ends it": "导览中的上一步和下一步；Esc 结束导览",
  " ": "",

  "From an auto-encoder to a CVAE": "从自编码器到 CVAE",
  "a picture": "一张图片",
  "a row of a table": "表格的一行",
  "an example": "一个样例",
  "{count} number": "{count} 个数",
  Compress: "压缩",
  "x is {what}, {numbers}; its code z has {latents}. What the code does not say is lost.":
    "x 是{what}，共 {numbers}；它的编码 z 只有 {latents}。编码没有说到的，就丢失了。",
  "x is {what}, {numbers}; its code z has {latents}. It is no narrower than x, so nothing has to be lost.":
    "x 是{what}，共 {numbers}；它的编码 z 有 {latents}，并不比 x 窄，所以不必丢失什么。",
  "The encoder gives each row a place on the map, and the decoder makes x̂ of the place alone: of [this row’s](#{one}), of [another’s](#{other}), and of [every other place](#layers={layers}).":
    "编码器给每一行在地图上一个位置，解码器只凭这个位置得到 x̂：[这一行的位置](#{one})、[另一行的](#{other})，以及[所有其他位置](#layers={layers})。",
  "The rows are not here. The decoder makes x̂ of a place on the map alone: of [this one](#{one}), of [another](#{other}), and of [every other](#layers={layers}).":
    "这里没有数据的各行。解码器只凭地图上的一个位置得到 x̂：[这个位置](#{one})、[另一个](#{other})，以及[所有其他位置](#layers={layers})。",

  "Why an auto-encoder can’t be sampled": "为什么不能从自编码器采样",
  "An auto-encoder learns single points: nothing says where its codes lie, and no place between them was ever decoded in training.":
    "自编码器学到的是一个个点：没有什么规定编码落在哪里，点与点之间的位置在训练中也从未解码过。",
  "This model’s codes were drawn towards its prior, N(0, I), so [draws of it](#panel=generate&draws=1) decode to something like the data.":
    "这个模型的编码在训练中被拉向先验 N(0, I)，所以[从先验抽样](#panel=generate&draws=1)，解码出来就像数据。",
  "This model’s codes were drawn towards its prior, so [draws of that](#panel=generate&draws=1&blend=1) decode to something like the data; [N(0, I)](#panel=generate&draws=1&blend=0) is another law.":
    "这个模型的编码在训练中被拉向它的先验，所以[从先验抽样](#panel=generate&draws=1&blend=1)，解码出来就像数据；[N(0, I)](#panel=generate&draws=1&blend=0) 则是另一种分布。",
  "[{name} beside it](#beside={run}&panel=generate&draws=1&blend=0) gets the same draws.":
    "[并排的 {name}](#beside={run}&panel=generate&draws=1&blend=0)得到的是同一批抽样。",
  "This model is an auto-encoder: training asked that x̂ be like x, and never where codes lie.":
    "这个模型是自编码器：训练只要求 x̂ 像 x，从不过问编码落在哪里。",
  "[Draws of N(0, I)](#panel=generate&draws=1&blend=0) are a guess: no place between the points was ever decoded in training.":
    "[从 N(0, I) 抽样](#panel=generate&draws=1&blend=0)只是猜测：点与点之间的位置在训练中从未解码过。",
  "[Draws of a mixture](#panel=generate&draws=1&blend=1) that was fitted to its codes do better, and that is a second model.":
    "[从混合分布抽样](#panel=generate&draws=1&blend=1)会好一些，它拟合了这些编码，但那已是第二个模型。",

  "A cloud in place of a point": "用一片云代替一个点",
  "The encoder gives a mean μ and a spread σ, and the code is drawn: z = μ + σ·ε with ε ~ N(0, I). [No noise](#noise=) is the middle of the cloud; [this ε](#noise={one}) and [this one](#noise={other}) are other codes of the same x.":
    "编码器给出均值 μ 和标准差 σ，编码由抽样得到：z = μ + σ·ε，其中 ε ~ N(0, I)。[没有噪声](#noise=)就是云的中心；[这个 ε](#noise={one})和[这个 ε](#noise={other})是同一个 x 的另外两个编码。",
  "The code is drawn: z = f(μ + σ·ε) with ε ~ N(0, I), where a flow f bends the cloud. [No noise](#noise=), [this ε](#noise={one}) and [this one](#noise={other}) are codes of the same x.":
    "编码由抽样得到：z = f(μ + σ·ε)，其中 ε ~ N(0, I)，流 f 把云弯曲。[没有噪声](#noise=)、[这个 ε](#noise={one})和[这个 ε](#noise={other})都是同一个 x 的编码。",
  "This is the reparameterization: the gradient passes through μ and σ, and the chance stays in ε.":
    "这就是重参数化：梯度从 μ 和 σ 通过，随机性留在 ε 里。",
  "This auto-encoder gives a point: σ = 0, and z = μ.": "这个自编码器给出一个点：σ = 0，z = μ。",
  "A VAE gives a cloud in its place, z = μ + σ·ε with ε ~ N(0, I), so that its decoder must make the same x̂ of every code in it, and places beside each other decode alike.":
    "VAE 用一片云代替它：z = μ + σ·ε，其中 ε ~ N(0, I)。解码器必须从云里每个编码得出同样的 x̂，于是相邻的位置解码出相似的结果。",
  "Here the inside of the model can’t be followed.": "在这里无法跟踪模型的内部。",
  "A VAE’s encoder gives a cloud, z = μ + σ·ε with ε ~ N(0, I), so that places beside each other decode alike.":
    "VAE 的编码器给出一片云：z = μ + σ·ε，其中 ε ~ N(0, I)，于是相邻的位置解码出相似的结果。",

  "The two forces": "两种力",
  "One force, and a second": "一种力，与第二种",
  "This model’s loss is the distortion alone: how badly x̂ tells x. A VAE adds the rate, KL(q ‖ p), which draws every cloud towards the prior; their sum is −ELBO.":
    "这个模型的损失只有失真：x̂ 把 x 说得有多不准。VAE 再加上码率 KL(q ‖ p)，它把每片云拉向先验；两者之和就是 −ELBO。",
  "The loss has two terms. Distortion, how badly x̂ tells x, wants clouds that are small and far apart; rate, KL(q ‖ p), draws all of them into [the prior](#layers={layers}). Their sum is −ELBO, in nats.":
    "损失有两项。失真，即 x̂ 把 x 说得有多不准，它要云小而彼此远离；码率 KL(q ‖ p) 则把所有的云拉进[先验](#layers={layers})。两者之和是 −ELBO，单位为奈特。",
  "[Coloured by loss](#colour=score), rows that are rare stand out.": "[按损失着色](#colour=score)，罕见的行就显现出来。",
  "[Train it anew](#panel=training), and take one of the forces away.": "[重新训练它](#panel=training)，并去掉其中一种力。",

  "Generate and walk": "生成与行走",
  "To generate, draw z from the prior and decode it: [some draws](#panel=generate&draws=2&blend=1), [some others](#panel=generate&draws=3&blend=1).":
    "要生成，就从先验抽取 z 并解码：[一批抽样](#panel=generate&draws=2&blend=1)，[另一批](#panel=generate&draws=3&blend=1)。",
  "To generate, something must say where codes lie, such as [a mixture fitted to them](#panel=generate&draws=2&blend=1).":
    "要生成，就得有什么来说明编码落在哪里，例如[拟合它们的混合分布](#panel=generate&draws=2&blend=1)。",
  "To walk, go from one code to another and decode on the way: [from {from} to {to}](#{way}&path=linear) in a straight line, or [along an arc](#{way}&path=spherical). Press Play, or drag over the map.":
    "要行走，就从一个编码走到另一个，沿途解码：沿直线[从 {from} 到 {to}](#{way}&path=linear)，或[沿弧线](#{way}&path=spherical)。请按“播放”，或在地图上拖动。",

  "This model takes y at both ends, encoder and decoder: z need not say it, and tells what is left, such as the style.":
    "这个模型从两端接收 y，即编码器和解码器：z 不必再说它，只说剩下的，例如风格。",
  "Here y is numbers: set others in the panel, and the same z decodes to another x̂.": "这里的 y 是数值：在面板里改动它们，同一个 z 就解码成另一个 x̂。",
  "The same z decodes [as {first}](#y=0), [as {second}](#y={last}), or [as half of each](#y=0:0.5,{last}:0.5).":
    "同一个 z 可以[按 {first} 解码](#y=0)、[按 {second} 解码](#y={last})，或[两者各半](#y=0:0.5,{last}:0.5)。",
  "This model takes no y. A CVAE takes it at both ends, encoder and decoder: z need not say it, and the same z decodes as any class.":
    "这个模型不接收 y。CVAE 从两端接收它，即编码器和解码器：z 不必再说它，同一个 z 可以按任何类别解码。",
  "Here labels only [colour the map](#colour=label&only=), or [single out a class](#only=0).": "这里的标签只[给地图着色](#colour=label&only=)，或[突出一个类别](#only=0)。",
  "Without y, [a direction in the codes](#panel={panel}) can add a trait.": "没有 y，[编码中的一个方向](#panel={panel})也能加上一个属性。",

  "Title of the tour": "导览的标题",
  "Try it": "试看",
  "Save file": "存为文件",
  "Open file …": "打开文件……",
  "Begin with the tour that was shown": "从刚才的导览开始改",
  "Stop writing": "停止编写",
  Steps: "各步",
  "Add a step: what the page shows": "添加一步：页面现在的样子",
  "Move the step earlier": "前移这一步",
  "Move the step later": "后移这一步",
  "Remove the step": "删除这一步",
  here: "这里",
  "Title of the step": "这一步的标题",
  Text: "文字",
  "Take what the page shows": "改用页面现在的样子",
  "Go to what it shows": "转到它显示的样子",
  "Link the marked words to what the page shows": "把选中的文字链接到页面现在的样子",

  "The tour of this run can’t be used: {why}": "这个运行自带的导览不能用：{why}",
  "The tour can’t be used yet: {why}": "导览还不能用：{why}",
  "{name} can’t be used: {why}": "{name} 不能用：{why}",
  "it has more than {size} kB": "它超过了 {size} kB",
  'it is no tour: a tour begins with "aevum": "tour"': '它不是导览：导览以 "aevum": "tour" 开头',
  "it is not of version {version}": "它不是第 {version} 版",
  "it has no steps": "它没有任何一步",
  "it has more than {most} steps": "它多于 {most} 步",
  "its title is no text of at most {most} characters": "它的标题不是至多 {most} 个字符的文字",
  "it is no JSON": "它不是 JSON",
  "step {step} is no object with title, text and state": "第 {step} 步不是含有 title、text 和 state 的对象",
  "step {step}: its title is no text of at most {most} characters": "第 {step} 步：标题不是至多 {most} 个字符的文字",
  "step {step}: its text is no text of at most {most} characters": "第 {step} 步：正文不是至多 {most} 个字符的文字",
  "step {step}: its state is none that an address of the page has": "第 {step} 步：它的状态不是页面网址所能有的",
  "step {step}: “{words}” links to “{link}”, and links can only move the page: #panel=morph":
    "第 {step} 步：“{words}”链接到“{link}”，而链接只能移动本页：#panel=morph",
  "step {step}: “{words}” is no link: write [words](#panel=morph), and %28, %29, %20 for brackets and blanks in its state":
    "第 {step} 步：“{words}”不是链接：请写成 [文字](#panel=morph)，其状态中的括号与空格写作 %28、%29、%20",
};

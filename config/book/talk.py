# ruff: noqa: E501  (sentences stay whole)
"""What managers write down after a contact, in English and Chinese, and what they promise in it."""

from typing import NamedTuple


class Said(NamedTuple):
    """A contact note and the promise in it, each in English and Chinese."""

    text: tuple[str, str]
    promise: tuple[str, str] | None = None


ABOUT = {
    "placed": (
        Said(
            (
                "Client confirmed {amount} into a {what}; terms read out and understood.",
                "客户确认存入{what} {amount}，条款已当面说明。",
            ),
            ("Send the contract of {about}", "寄送 {about} 合同"),
        ),
        Said(
            (
                "Compared three offers for {amount}. Chose the {what} because the date suits a later payment.",
                "就 {amount} 比较三家报价，因到期日与后续付款吻合，选择{what}。",
            )
        ),
    ),
    "matured": (
        Said(
            (
                "{about} paid out {amount}. Asked what else is on offer before placing it again.",
                "{about} 到期兑付 {amount}，客户希望先看看其他方案再决定。",
            ),
            ("Send alternatives for {amount}", "发送 {amount} 的备选方案"),
        ),
        Said(
            (
                "Called about {about}: paid out as instructed, {amount} is on the account.",
                "致电告知 {about} 已按指示兑付，{amount} 入账。",
            )
        ),
    ),
    "renewed": (
        Said(
            (
                "{about} renewed as agreed last month. Client finds the new rate low but wants no risk.",
                "{about} 按上月约定转存，客户觉得利率偏低，但不愿承担风险。",
            )
        ),
        Said(
            (
                "Told the client that {about} was renewed; wants the new contract on paper.",
                "告知 {about} 已转存，客户要求纸质合同。",
            ),
            ("Send the renewed contract", "寄送转存合同"),
        ),
    ),
    "bought": (
        Said(
            (
                "Went through the risk of {what} page by page before the purchase of {amount}.",
                "买入 {what} {amount} 前逐页说明风险。",
            )
        ),
        Said(
            (
                "Client had read about {what} and asked for it. Suits the mix; bought {amount}.",
                "客户主动询问 {what}，与现有配置相符，买入 {amount}。",
            ),
            ("Send the product sheet of {what}", "发送 {what} 产品说明书"),
        ),
    ),
    "sold": (
        Said(
            (
                "Sold {amount} of {what}; the client needs the money for the house.",
                "卖出 {what} {amount}，客户购房用款。",
            )
        ),
        Said(
            (
                "Client took profits in {what}, {amount}. Will wait with the next step.",
                "客户对 {what} 止盈，{amount}，下一步暂缓。",
            )
        ),
    ),
}
"""By what happened that day; ``about`` is the contract, ``what`` the product, ``amount`` the money."""

DAILY = (
    Said(
        (
            "Half-year talk at the office. Content with the service; wants fewer products, not more.",
            "办公室半年面谈，对服务满意，希望产品少而精。",
        )
    ),
    Said(
        (
            "Asked how much of the deposits is covered by deposit insurance at each bank.",
            "询问各家银行存款受存款保险保障的金额。",
        ),
        ("Send the overview of insured sums by bank", "发送各银行受保金额一览"),
    ),
    Said(("New phone number of the assistant noted and confirmed by a call back.", "登记助理新手机号，已回拨核实。")),
    Said(
        (
            "Birthday call. The grandchild has begun school; the family meets in spring.",
            "生日问候。孙辈已上学，全家春天团聚。",
        )
    ),
    Said(
        ("Client worries about the exchange rate and may need dollars next year.", "客户关注汇率，明年可能需要美元。"),
        ("Send a note on buying dollars in steps", "发送分批购汇的说明"),
    ),
    Said(
        (
            "Met with the spouse. Both want the maturities spread over the year.",
            "与夫妇二人见面，均希望到期日分散在全年。",
        ),
        ("Propose a ladder of maturities", "提出期限阶梯方案"),
    ),
    Said(
        (
            "Sent the statement of last month by e-mail; client opened it and had no questions.",
            "上月对账单已邮件发送，客户已阅，无疑问。",
        )
    ),
    Said(
        (
            "Explained the line 'accrued interest' on the statement. Clear now.",
            "解释对账单上的应计利息一栏，客户已明白。",
        )
    ),
    Said(
        (
            "Invited to the evening on succession and family trusts; will come with the daughter.",
            "邀请参加家族信托与传承沙龙，将携女儿出席。",
        ),
        ("Send the invitation for two", "发送双人请柬"),
    ),
    Said(
        (
            "Asked for better terms because another bank offers more for a year. Promised an answer.",
            "他行一年期报价更高，客户希望优惠，答应回复。",
        ),
        ("Answer the request for a better rate", "回复利率优惠申请"),
    ),
    Said(
        (
            "The company will pay a dividend next quarter; about a third may come to us.",
            "公司下季度分红，约三分之一可能转入。",
        )
    ),
    Said(
        (
            "Short message: travelling until the end of the month, nothing urgent please.",
            "来信：本月底前在外，非急事勿扰。",
        )
    ),
    Said(("Went through the risk questionnaire; answers unchanged from last year.", "重做风险问卷，与去年一致。")),
    Said(
        (
            "Client complained that the hotline kept him waiting. Apologised, passed on to the lead.",
            "客户投诉热线等待过久，已致歉并上报主管。",
        ),
        ("Report back on the complaint", "反馈投诉处理结果"),
    ),
    Said(("Talked about buying a flat for the son; not before the summer.", "谈及为儿子购房，夏天之前不急。")),
    Said(("Wants documents in large print from now on.", "今后文件请用大字体打印。")),
)
CONCENTRATED = Said(
    (
        "Raised again that most of the wealth is in Xinghe Semiconductor. Knows the figures, founded a supplier of theirs, will not sell below his price. Open to talk about a part after the annual report.",
        "再次提示大部分资产集中于星河半导体。客户了解数字，曾创办其供应商，低于心理价不卖；年报后愿谈减持一部分。",
    ),
    ("Prepare a plan to reduce Xinghe Semiconductor in steps", "准备分步减持星河半导体的方案"),
)
NEED = Said(
    (
        "Daughter begins her next year at Westmere University; fees go out every January and August. Money for it lies on demand. Did not ask about the currency, nobody has proposed anything yet.",
        "女儿在 Westmere University 升入下一学年，每年一月、八月付学费，资金一直放在活期。未问汇率，至今无人提出方案。",
    ),
    ("Propose dollars and terms that fit the school fees", "按学费时间提出美元及定期方案"),
)
MATURING = Said(
    (
        "Four contracts fall due this week. Client wants one call with all four on one page.",
        "本周四笔到期，客户希望一次通话、一页纸说清。",
    ),
    ("Call with the four maturities on one page", "一页纸列出四笔到期并致电"),
)
OVERDUE = Said(
    (
        "Periodic review put off twice because of travel. Can come to the office from now on.",
        "定期检视因出差两次推迟，现可来办公室。",
    ),
    ("Agree on a day for the periodic review", "约定定期检视日期"),
)
LEAVING = Said(
    (
        "Told the client in confidence that I leave the bank at the end of next month. Would like to keep the back-up and meet the successor before.",
        "私下告知客户本人下月底离职，客户希望由后备经理接续，并先与继任者见面。",
    ),
    ("Introduce the successor", "引见继任经理"),
)
REVIEWED = (
    ("Needs, risk and documents gone through; nothing to change.", "需求、风险与证件均已检视，无须调整。"),
    (
        "Reviewed with the client at the office; mix fits, maturities spread further.",
        "与客户当面检视，配置合适，继续分散到期日。",
    ),
    (
        "Reviewed by phone; liquidity reserve raised to six months of spending.",
        "电话检视，流动性储备提高至六个月支出。",
    ),
)
MATURITY = {
    "renew_all": ("Renew with interest, agreed by phone.", "电话确认本息转存。"),
    "renew_principal": ("Renew the principal, interest to the account.", "本金转存，利息入账。"),
    "pay_out": ("Pay out, the money is needed.", "到期兑付，客户用款。"),
    "move": ("Moves into another contract within the next weeks.", "数周内转入其他产品。"),
}
PEOPLE = (
    ("client", "客户本人"),
    ("client", "客户本人"),
    ("client and spouse", "客户及配偶"),
    ("client and assistant", "客户及助理"),
    ("client and daughter", "客户及女儿"),
)
AUDIT = ("Files of private clients", "私人银行客户档案检查")
HOLD = (
    "Source of a large inflow is being clarified; decisions wait for the documents.",
    "大额资金来源核实中，待补充材料。",
)

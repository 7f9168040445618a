"""The texts that the shop writes, by topic; `{...}` is filled with what happened."""

from collections.abc import Mapping

from souk.kernel.shapes import Noun, Texts


class Template(Noun):
    title: Texts
    text: Texts


def _template(title_en: str, title_zh: str, text_en: str, text_zh: str) -> Template:
    return Template(title=Texts(en=title_en, zh=title_zh), text=Texts(en=text_en, zh=text_zh))


def paid_for(called: str, *, top_up: bool) -> Texts:
    """What a payment was for, within a sentence."""
    if top_up:
        return Texts(en=f"top-up {called}", zh=f"充值 {called}")
    return Texts(en=f"order {called}", zh=f"订单 {called}")


TEMPLATES: Mapping[str, Template] = {
    "order_paid": _template(
        "Order {number} is paid",
        "订单 {number} 已付款",
        "Thank you. We are getting your goods ready.",
        "感谢您的购买，我们正在为您备货。",
    ),
    "paid_too_late": _template(
        "Your payment came late",
        "您的付款已逾期到账",
        "{amount} came when {paid_for} was over. If we can still serve it we do; if not, all of it goes back to you.",
        "{paid_for} 关闭后收到 {amount}。若仍可供货，订单将恢复；否则全额退款。",
    ),
    "transfer_fell_short": _template(
        "Something of your transfer is missing",
        "您的转账金额不足",
        "{missing} are still to be transferred, with the same reference, before {paid_for} is paid.",
        "{paid_for} 付清前，请使用相同的付款参考号补足 {missing}。",
    ),
    "order_revived": _template(
        "Order {number} stands after all",
        "订单 {number} 已恢复",
        "Your payment came late, and your goods were still there.",
        "您的付款虽逾期到账，但商品仍有库存。",
    ),
    "order_split": _template(
        "Order {number} comes in several parcels",
        "订单 {number} 将分批发货",
        "Each of them is an order of its own: {numbers}. The price is the same.",
        "已拆分为以下订单，总价不变：{numbers}。",
    ),
    "order_merged": _template(
        "Order {number} comes together with others",
        "订单 {number} 已合并发货",
        "It is part of order {into} now. The price is the same.",
        "已并入订单 {into}，总价不变。",
    ),
    "order_shipped": _template(
        "Order {number} is on its way",
        "订单 {number} 已发货",
        "{carrier} brings it, tracking number {tracking_number}.",
        "承运商：{carrier}，运单号：{tracking_number}。",
    ),
    "order_ready": _template(
        "Order {number} is ready to be fetched",
        "订单 {number} 可以取货了",
        "{store_name} keeps it for you until {until}. Show the code that stands in your order.",
        "{store_name} 为您保留至 {until}。取货时请出示订单中的取货码。",
    ),
    "pickup_reminder": _template(
        "Order {number} waits for you",
        "订单 {number} 等您来取",
        "{store_name} keeps it until {until}. What is not fetched by then is cancelled and refunded.",
        "{store_name} 为您保留至 {until}，逾期未取将取消订单并退款。",
    ),
    "stock_found": _template(
        "Goods were sold though the books had none left",
        "账面无货的商品已售出",
        "Units that were missing from the books of store {store_id}: {units}. Please count what is there.",
        "门店 {store_id} 账面缺少件数：{units}。请盘点实物。",
    ),
    "order_received": _template(
        "Order {number} has arrived",
        "订单 {number} 已签收",
        "We hope you like it. If something is wrong, ask for a refund in the order.",
        "希望您喜欢。如有问题，可在订单中申请退款。",
    ),
    "order_cancelled": _template(
        "Order {number} is cancelled", "订单 {number} 已取消", "Nothing was charged.", "您没有被扣款。"
    ),
    "paid_order_cancelled": _template(
        "Order {number} is cancelled",
        "订单 {number} 已取消",
        "What you paid is on its way back to you.",
        "您支付的款项将原路退回。",
    ),
    "refund_requested": _template(
        "We have your request about order {order_number}",
        "已收到您对订单 {order_number} 的售后申请",
        "You asked for {amount} back. We look at it and write to you.",
        "您申请退款 {amount}，我们将尽快审核并通知您。",
    ),
    "exchange_requested": _template(
        "We have your request about order {order_number}",
        "已收到您对订单 {order_number} 的售后申请",
        "You asked for other goods. We look at it and write to you.",
        "您申请换货，我们将尽快审核并通知您。",
    ),
    "refund_approved": _template(
        "Your refund for order {order_number} is approved",
        "订单 {order_number} 的退款申请已通过",
        "{amount} will go back to where you paid from.",
        "{amount} 将原路退回。",
    ),
    "refund_rejected": _template(
        "Your refund for order {order_number} is declined",
        "订单 {order_number} 的退款申请未通过",
        "The reason: {reason}",
        "原因：{reason}",
    ),
    "refund_more_asked": _template(
        "A question about your refund for order {order_number}",
        "关于订单 {order_number} 退款申请的问题",
        "{question}\nPlease answer in the refund.",
        "{question}\n请在退款申请中回复。",
    ),
    "return_approved": _template(
        "Please send back the goods of order {order_number}",
        "请寄回订单 {order_number} 的商品",
        "The address stands in the case. Tell us the parcel's number there.",
        "寄回地址见售后单，请在其中填写运单号。",
    ),
    "exchange_to_pay": _template(
        "Your exchange for order {order_number} is approved",
        "订单 {order_number} 的换货申请已通过",
        "The other goods are kept for you. They cost {difference} more: please pay that first.",
        "已为您预留商品，请先补差价 {difference}。",
    ),
    "return_received": _template(
        "The goods of order {order_number} are back",
        "已收到订单 {order_number} 的退回商品",
        "We look at them now.",
        "我们正在验货。",
    ),
    "return_refunded": _template(
        "The goods of order {order_number} are checked",
        "订单 {order_number} 的退回商品已验货",
        "{amount} will go back to where you paid from.",
        "{amount} 将原路退回。",
    ),
    "return_refused": _template(
        "The goods of order {order_number} cannot be taken back",
        "订单 {order_number} 的退回商品未通过验货",
        "They will be sent back to you. What was found stands in the case.",
        "商品将寄回给您，验货结果见售后单。",
    ),
    "return_sent_back": _template(
        "The goods of order {order_number} are on their way to you",
        "订单 {order_number} 的商品已寄回",
        "The parcel's number stands in the case.",
        "运单号见售后单。",
    ),
    "return_lapsed": _template(
        "Your return for order {order_number} has ended",
        "订单 {order_number} 的退换申请已关闭",
        "Nothing has come back to us. If you paid a difference, it goes back to you.",
        "我们未收到退回商品；如已补差价，将原路退回。",
    ),
    "return_closed": _template(
        "Your case about order {order_number} is closed",
        "订单 {order_number} 的售后单已完结",
        "Nothing more is to be paid back. What was found stands in the case.",
        "无需再退款，详情见售后单。",
    ),
    "exchange_passed": _template(
        "Your exchange for order {order_number} is being prepared",
        "订单 {order_number} 的换货正在备货",
        "All is as it should be; the other goods leave soon.",
        "验货通过，换货商品即将寄出。",
    ),
    "exchange_sent": _template(
        "Your exchange for order {order_number} has been sent",
        "订单 {order_number} 的换货商品已寄出",
        "You find it among your orders.",
        "可在您的订单中查看。",
    ),
    "refund_posted": _template(
        "A refund is on its way",
        "退款已发出",
        "{amount} for {paid_for} go back to where you paid from.",
        "{paid_for} 的 {amount} 将原路退回。",
    ),
    "refund_to_balance": _template(
        "A refund is on your balance",
        "退款已退入余额",
        "{amount} for {paid_for} are yours to spend with us.",
        "{paid_for} 的 {amount} 已可用于消费。",
    ),
    "refund_returned": _template(
        "A refund came back to us",
        "退款被退回",
        "Your bank did not take what goes back for {paid_for}. We are looking after it.",
        "您的银行未接受 {paid_for} 的退款，我们正在处理。",
    ),
    "refund_failed": _template(
        "A refund has failed",
        "退款失败",
        "{amount} for {paid_for}: {reason}.",
        "{paid_for} 的退款 {amount} 失败：{reason}。",
    ),
    "dispute_inquiry": _template(
        "A buyer's bank asks about a payment",
        "持卡人银行调单",
        "{amount} for {paid_for}, {reason}. Answer by {respond_by}, or refund it: no money has moved yet.",
        "{paid_for} 的 {amount} 被调单（{reason}），尚未扣款。请在 {respond_by} 前答复，或直接退款。",
    ),
    "dispute_open": _template(
        "A buyer's bank has taken a payment back",
        "持卡人银行拒付",
        "{amount} for {paid_for}, {reason}. Send evidence by {respond_by}, or accept it. Stop what has not left.",
        "{paid_for} 的 {amount} 被拒付（{reason}）。请在 {respond_by} 前提交证据或接受拒付；未发货的请暂停。",
    ),
    "payment_overdrawn": _template(
        "More has gone back than was paid",
        "退回金额超过实付",
        "What was paid for {paid_for} was refunded, and the buyer's bank took {amount} back: {overdrawn} too much. "
        "Send that as evidence by {respond_by}.",
        "{paid_for} 已退款，银行又拒付 {amount}，多退 {overdrawn}。请在 {respond_by} 前提交退款证据。",
    ),
    "top_up_disputed": _template(
        "A buyer's bank has taken a top-up back",
        "持卡人银行拒付余额充值",
        "{amount} of {order_id}, {reason}. What was left of it on the balance is taken from there until it is decided. "
        "Send evidence by {respond_by}, or accept it.",
        "充值 {order_id} 的 {amount} 被拒付（{reason}），余额中尚存部分已扣下待裁定。"
        "请在 {respond_by} 前提交证据或接受。",
    ),
    "dispute_won": _template(
        "A dispute is won",
        "拒付申诉成功",
        "{amount} for {paid_for} comes back.",
        "{paid_for} 的 {amount} 将退还给商户。",
    ),
    "dispute_lost": _template(
        "A dispute is lost",
        "拒付申诉失败",
        "{amount} for {paid_for} stays with the buyer.",
        "{paid_for} 的 {amount} 归买家所有。",
    ),
    "dispute_closed": _template(
        "A bank's question is settled",
        "银行调单已结束",
        "No money has moved of {amount} for {paid_for}.",
        "{paid_for} 的 {amount} 未被扣款。",
    ),
    "order_to_prepare": _template(
        "New order {number}", "新订单 {number}", "Paid; units to prepare: {units}.", "已付款，待备货件数：{units}。"
    ),
    "contact_code": _template(
        "Your code is {code}",
        "您的验证码是 {code}",
        "Your code is {code}. It is good for ten minutes. Tell it to nobody; if you did not ask for it, do nothing.",
        "您的验证码是 {code}，十分钟内有效。请勿告知他人；如非本人操作，请忽略。",
    ),
    "payment_code": _template(
        "Your code for a payment of {amount} is {code}",
        "您支付 {amount} 的验证码是 {code}",
        "{code} pays {amount} from your balance, within ten minutes. Tell it to nobody; if you did not ask for it, "
        "somebody else may be in your account.",
        "验证码 {code} 用于从您的余额支付 {amount}，十分钟内有效。请勿告知他人；如非本人操作，账户可能已被盗用。",
    ),
    "payment_password_code": _template(
        "Your code for a payment password is {code}",
        "您设置支付密码的验证码是 {code}",
        "{code} sets another payment password, within ten minutes. Tell it to nobody; if you did not ask for it, "
        "somebody else may be in your account.",
        "验证码 {code} 用于设置支付密码，十分钟内有效。请勿告知他人；如非本人操作，账户可能已被盗用。",
    ),
    "payment_password_set": _template(
        "Your payment password",
        "您的支付密码",
        "From now on another payment password pays from your balance. If you did not set it, write to us at once.",
        "您的支付密码已更改，今后请使用新密码从余额支付。如非本人操作，请立即与我们联系。",
    ),
    "mandate_agreed": _template(
        "Your card may be charged without asking",
        "您的银行卡已开通免密支付",
        "From now on the card ending in {last4} is charged without asking, {once} at once and {day} a day at most. "
        "If you did not agree to it, write to us at once.",
        "尾号 {last4} 的银行卡已开通免密支付：单笔最高 {once}，每日最高 {day}。如非本人操作，请立即与我们联系。",
    ),
    "contact_changed": _template(
        "Your contact has changed",
        "您的联系方式已更改",
        "From now on we reach you at {address}. If you did not change this, write to us at once.",
        "今后我们将通过 {address} 与您联系。如非本人操作，请立即与我们联系。",
    ),
    "order_held": _template(
        "Order {number} is held for review",
        "订单 {number} 待审核",
        "The reasons: {reasons}. Approve or reject it; until then it is not prepared.",
        "原因：{reasons}。请审核通过或拒绝；在此之前不予备货。",
    ),
    "review_overdue": _template(
        "Order {number} still waits for its review",
        "订单 {number} 仍待审核",
        "It has been held for long in store {store_id}. Approve or reject it.",
        "该订单在门店 {store_id} 停留已久。请审核通过或拒绝。",
    ),
    "order_released": _template(
        "Order {number} is released",
        "订单 {number} 审核通过",
        "Its review is over: go on with it.",
        "审核完毕，请继续处理。",
    ),
    "order_parked": _template(
        "Order {number} is parked",
        "订单 {number} 的自动处理已暂停",
        "A step of its workflow failed after all tries ({failure}). Start it again when the cause is mended.",
        "流程步骤多次重试后仍失败（{failure}）。排除原因后请重新启动。",
    ),
    "order_corrected": _template(
        "Order {number}: your delivery details were corrected",
        "订单 {number} 的收货信息已更正",
        "You find them in the order. What you paid stays the same. If this is not right, write to us at once.",
        "可在订单中查看，您支付的金额不变。如有误，请立即与我们联系。",
    ),
    "order_corrected_cheaper": _template(
        "Order {number}: your delivery details were corrected",
        "订单 {number} 的收货信息已更正",
        "You find them in the order. {amount} of the freight is on its way back to you. If this is not right, write to"
        " us at once.",
        "可在订单中查看，运费差额 {amount} 将原路退回。如有误，请立即与我们联系。",
    ),
    "buyer_asked": _template(
        "A question about order {number}",
        "关于订单 {number} 的问题",
        "{question}\nPlease write to us or call us, and name the order.",
        "{question}\n请通过邮件或电话与我们联系，并提供订单号。",
    ),
    "order_unassigned": _template(
        "Order {number} has no store",
        "订单 {number} 无门店可接",
        "No store that delivers there has all of it. Assign it to one, or cancel it.",
        "没有可配送的门店备齐该订单的商品。请指派门店或取消订单。",
    ),
    "order_unanswered": _template(
        "Order {number} waits for an answer",
        "订单 {number} 等待门店确认",
        "Store {store_id} has neither accepted nor declined it in time.",
        "门店 {store_id} 未在规定时间内接单或拒单。",
    ),
    "payment_lapsed": _template(
        "Do not send order {number}",
        "请勿发出订单 {number}",
        "Its payment was let go before it was taken, so the order of store {store_id} is cancelled.",
        "该订单的付款在扣款前已被释放，门店 {store_id} 的该订单已取消。",
    ),
    "shipment_overdue": _template(
        "Order {number} is still here",
        "订单 {number} 尚未发货",
        "It was paid long ago and has not left store {store_id}.",
        "该订单付款已久，仍未从门店 {store_id} 发出。",
    ),
    "refund_to_review": _template(
        "A request of a buyer about order {order_number}",
        "订单 {order_number} 有新的售后申请",
        "{amount}; the reason: {reason}. Approve it, reject it, or ask for more.",
        "金额 {amount}，原因：{reason}。请审核通过、拒绝或要求补充说明。",
    ),
    "refund_overdue": _template(
        "A refund for order {order_number} is still waiting",
        "订单 {order_number} 的退款仍在等待处理",
        "{amount} in store {store_id}; the case has been {status} for too long.",
        "门店 {store_id}，金额 {amount}；该申请停留在“{status}”状态过久。",
    ),
    "stock_low": _template(
        "{sku} is running low",
        "{sku} 库存不足",
        "Available in store {store_id}: {available}; the threshold is {threshold}.",
        "门店 {store_id} 可用库存：{available}，预警值：{threshold}。",
    ),
    "shortage_found": _template(
        "Something of order {number} is missing",
        "订单 {number} 部分缺货",
        "We cannot send {units} × {goods}. Wait, take other goods or have your money back: say so in the order by "
        "{answer_by}; after that your money goes back to you.",
        "我们无法发出 {units} × {goods}。请在 {answer_by} 前于订单中选择等待、换货或退款；逾期未选将自动退款。",
    ),
    "shortage_waits": _template(
        "The buyer of order {number} waits",
        "订单 {number} 的买家愿意等待",
        "{units} × {sku} are still to be sent, until {until}.",
        "{units} × {sku} 仍待发货，截止 {until}。",
    ),
    "shortage_overdue": _template(
        "Order {number} still waits for {sku}",
        "订单 {number} 仍在等待 {sku}",
        "The wait for {units} × {sku} in store {store_id} is over, and the buyer is asked again. Send what is there.",
        "门店 {store_id} 等待 {units} × {sku} 的期限已到，系统已再次询问买家。如已到货请尽快发出。",
    ),
    "units_substituted": _template(
        "Order {number} has changed",
        "订单 {number} 已变更",
        "In place of {units} × {goods} you get {by_goods}, at the price you paid.",
        "{units} × {goods} 将换为 {by_goods}，价格不变。",
    ),
    "substitute_to_prepare": _template(
        "Order {number} takes other goods",
        "订单 {number} 换货",
        "Send {units} × {by_sku} in place of {sku}.",
        "请以 {units} × {by_sku} 代替 {sku} 发货。",
    ),
    "units_dropped": _template(
        "A part of order {number} is not sent",
        "订单 {number} 的部分商品不再发货",
        "Units that are not sent: {units}. What you paid for them is on its way back to you.",
        "不再发货的件数：{units}。您为其支付的款项将原路退回。",
    ),
    "merchant_applied": _template(
        "{name} applies to sell here",
        "{name} 申请入驻",
        "Read the application with its documents, and answer it.",
        "请查看申请资料并作出答复。",
    ),
    "merchant_asked": _template(
        "A question about your application",
        "关于您的入驻申请",
        "{reason}\nAnswer by sending your application again.",
        "{reason}\n请补充后重新提交申请。",
    ),
    "merchant_approved": _template(
        "{name} may sell here",
        "{name} 已通过入驻审核",
        "What head office says to it: {reason}",
        "审核意见：{reason}",
    ),
    "merchant_rejected": _template(
        "Your application was rejected",
        "您的入驻申请未通过",
        "The reason: {reason}",
        "原因：{reason}",
    ),
    "settlement_due": _template(
        "Your settlement of {month} is closed",
        "您的 {month} 结算单已结账",
        "{amount} are due to you, and will be transferred.",
        "{amount} 应付给您，将另行转账。",
    ),
    "settlement_carried": _template(
        "Your settlement of {month} is closed",
        "您的 {month} 结算单已结账",
        "{amount} goes on into the next month; nothing is transferred.",
        "{amount} 结转至下月，本月不转账。",
    ),
    "settlement_paid": _template(
        "Your settlement of {month} is paid",
        "您的 {month} 结算单已付款",
        "{amount} were transferred to you; the reference is {reference}.",
        "{amount} 已转账给您，转账参考号：{reference}。",
    ),
    "merchant_suspended": _template(
        "{name} is suspended",
        "{name} 已被暂停营业",
        "{reason}\nNone of your goods can be bought until you are let back in. Please send what was ordered.",
        "{reason}\n恢复营业前，您的商品暂停销售。请继续履行已有订单。",
    ),
    "merchant_reinstated": _template(
        "{name} sells again",
        "{name} 已恢复营业",
        "{reason}\nWhat the suspension took off the shelves is coming back.",
        "{reason}\n因暂停而下架的商品正在恢复上架。",
    ),
}

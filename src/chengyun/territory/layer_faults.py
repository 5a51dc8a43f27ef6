"""What can be wrong with layers that administrators add."""

from __future__ import annotations

from chengyun.kernel.errors import Fault


class LayerCodeUsed(Fault):
    """A layer's code is unique."""

    code = "layer_code_used"
    status = 409
    zh = "图层编码 {code} 已存在。请换一个。"
    en = "There is a layer with the code {code} already. Choose another."


class LayerHoldsNoFeatures(Fault):
    """The layer comes from a service; it takes no file."""

    code = "layer_holds_no_features"
    status = 409
    zh = "图层 {code} 来自服务，不能上传文件。"
    en = "The layer {code} comes from a service and takes no file."


class LayerFeaturesWrong(Fault):
    """Features of the file cannot be used, so nothing was written."""

    code = "layer_features_wrong"
    zh = "{count} 个要素无法使用（如第 {first} 个：{reason}），未保存。请修正，或选择跳过错误要素。"
    en = (
        "{count} features cannot be used (such as number {first}: {reason}); nothing was saved. "
        "Mend them, or choose to leave wrong features out."
    )


class LayerEmpty(Fault):
    """The file has no feature that can be drawn."""

    code = "layer_empty"
    zh = "文件中没有可用的要素，未保存。"
    en = "The file holds no feature that can be used; nothing was saved."


class ServiceAddressInvalid(Fault):
    """The address of a service cannot be used."""

    code = "service_address_invalid"
    zh = "服务地址无效：应为 http(s)://主机/…，不含用户名和密码{more}。"
    en = "The address of the service is not valid: write http(s)://host/…, no user in it{more}."


class PrivateAddress(Fault):
    """The address leads into a private network."""

    code = "private_address"
    zh = "地址 {host} 指向内部网络。如确需访问，请由管理员打开参数 territory.private_services。"
    en = (
        "{host} lies in a private network. Where that is meant, an administrator switches the "
        "setting territory.private_services on."
    )


class ServiceNotAnswering(Fault):
    """The outside service did not answer as it should."""

    code = "service_not_answering"
    status = 502
    zh = "外部服务没有正常应答：{reason}。请检查地址，或稍后重试。"
    en = "The outside service did not answer as it should: {reason}. Check it or try again later."


class UnknownRoles(Fault):
    """Some roles or organisations are not there."""

    code = "unknown_viewers"
    zh = "角色或机构不存在：{names}。"
    en = "These roles or organisations do not exist: {names}."

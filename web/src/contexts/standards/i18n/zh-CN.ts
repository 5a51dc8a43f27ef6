export default {
  more: '再取一些',
  shown: '已显示 {count} / {all} 条',
  edit: '修改',
  active: '启用',
  inactive: '停用',
  nav: { title: '标准', 'matter-types': '案件类型', conditions: '立案与结案标准', 'dispatch-rules': '派遣规则' },
  kind: { component: '部件', matter: '事件' },
  field: { name: '名称', zh: '中文名', en: '英文名', code: '代码', kind: '类别', type: '小类', state: '状态', acts: '操作' },
  unit: {
    urgent_working_hour: '紧急工作时',
    urgent_working_day: '紧急工作日',
    working_hour: '工作时',
    working_day: '工作日',
    calendar_day: '日历日',
    calendar_hour: '小时',
    calendar_minute: '分钟',
  },
  type: {
    lead: '部件与事件的大类、小类。国家标准的代码不改；本地新增的类型标为“本地”。',
    find: '名称或代码（含 2013、2007 版）',
    class: '大类',
    classCode: '大类代码',
    classHint: '已有大类填其代码，新大类填未用过的数字，最多 4 位',
    classZh: '大类中文名',
    classEn: '大类英文名',
    codeHint: '2 至 8 位数字，同一标准同一类别内不重复',
    standard: '所属标准',
    standardHint: '本地扩展用 local',
    code2013: '2013 版',
    code2007: '2007 版',
    local: '本地',
    every: '含停用和旧版',
    add: '新增本地类型',
    activeHint: '停用后上报时不再可选，已有案卷不变',
    empty: '没有符合条件的类型',
    emptyHint: '换个名称或代码，或勾选“含停用和旧版”。',
    tooMany: '只取前 {count} 条，请缩小范围。',
  },
  set: {
    choose: '选择标准集',
    emptyHint: '选择一套标准，或新建、导入一套。',
    codeHint: '字母、数字、点、横线、下划线，建后不改',
    source: '来源',
    sourceHint: '文件名称或文号',
    exists: '此代码的标准集已存在，请另选代码',
    make: '新建标准集',
    rename: '修改名称',
    use: '投入使用',
    inUse: '使用中',
    notInUse: '未使用',
    rows: '{count} 条',
    useQuestion: '将“{name}”投入使用？其他标准集停止使用，新立案的案卷按它计时；已立案的案卷不变。',
    used: '已投入使用',
  },
  condition: {
    lead: '每个小类的立案条件、处置时限和结案条件。修改只影响以后立案的案卷。',
    find: '小类、代码或立案条件',
    no: '序号',
    area: '区域等级',
    everyArea: '不分',
    areaHint: '留空则不分区域等级',
    filing: '立案条件',
    filingZh: '立案条件（中文）',
    filingEn: '立案条件（英文）',
    limit: '处置时限',
    unit: '时限单位',
    unitHint: '紧急工作时、紧急工作日和日历单位节假日不停；工作时、工作日按工作日历计',
    disposal: '处置要求',
    closing: '结案条件',
    closingZh: '结案条件（中文）',
    closingEn: '结案条件（英文）',
    department: '专业类别',
    supervising: '主管部门',
    legal: '法律依据',
    collection: '采集要求',
    title: '{type} · 条件 {no}',
    add: '新增条款',
    retire: '停用',
    retireQuestion: '停用“{name}”？以后立案不再可选，按它立案的案卷不变。',
    retired: '已停用',
    empty: '没有条款',
    emptyHint: '换个查找词，或新增、导入条款。',
    shown: '已显示 {count} 条',
  },
  importing: {
    title: '导入标准手册',
    lead: '用映射说明表格的哪一列是哪一项。先试导入查看结果，再正式导入；重复导入不会产生重复条款。',
    file: '手册文件（XLSX 或 CSV）',
    chooseFile: '选择文件',
    noFile: '未选择文件',
    mapping: '映射（YAML）',
    chooseMapping: '从文件读取映射',
    try: '试导入',
    import: '正式导入',
    tried: '试导入完成，未写入任何内容',
    done: '导入完成',
    read: '读取',
    made: '新增',
    changed: '修改',
    unchanged: '未变',
    faulty: '有误',
    row: '行号',
    fault: '问题',
    someFaults: '列出前 {count} 个问题，共 {all} 个',
    template: `name: "{name}"
purpose: standards
standard_set: {set}
table:
  header_row: 1
nulls: ["/", "无", "-"]
fields:
  type:
    column: 小类代码
  kind:
    column: 类别
    aliases: kinds
  filing_condition:
    column: 立案条件
  disposal_requirement:
    column: 处置要求
  closing_condition:
    column: 结案条件
  limit:
    column: 处置时限
  limit_unit:
    column: 计时单位
aliases:
  kinds:
    部件: component
    事件: matter
`,
  },
  rule: {
    lead: '何类案件在何处由哪个机构处置。最具体的规则优先：先小类后大类，先小区划后大区划，再看优先级。',
    empty: '没有规则时，按标准的专业类别和区划建议责任机构。',
    add: '新增规则',
    scope: '适用类型',
    codeHint: '派遣建议的理由中显示，例如 R-12',
    typeHint: '选小类后不看大类',
    classHint: '小类和大类都不选，则适用所有类型',
    division: '区划',
    divisionHint: '留空则适用全市',
    organisation: '处置机构',
    priority: '优先级',
    priorityHint: '同样具体时，数大者先；−1000 至 1000',
    note: '说明',
    wholeClass: '{name}（整个大类）',
    everyType: '所有类型',
    everywhere: '全市',
    dropQuestion: '删除规则 {code}？已派遣的案卷不变。',
    dropped: '已删除',
  },
}

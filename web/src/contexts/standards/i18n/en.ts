export default {
  more: 'Show more',
  shown: '{count} of {all} shown',
  edit: 'Edit',
  active: 'Active',
  inactive: 'Inactive',
  nav: { title: 'Standards', 'matter-types': 'Case types', conditions: 'Filing and closing standards', 'dispatch-rules': 'Dispatch rules' },
  kind: { component: 'Component', matter: 'Matter' },
  field: { name: 'Name', zh: 'Chinese name', en: 'English name', code: 'Code', kind: 'Kind', type: 'Type', state: 'State', acts: 'Acts' },
  unit: {
    urgent_working_hour: 'Urgent working hours',
    urgent_working_day: 'Urgent working days',
    working_hour: 'Working hours',
    working_day: 'Working days',
    calendar_day: 'Calendar days',
    calendar_hour: 'Hours',
    calendar_minute: 'Minutes',
  },
  type: {
    lead: 'Classes and types of components and matters. Codes of the national standard stay; types added here are marked “local”.',
    find: 'Name or code (2013 and 2007 too)',
    class: 'Class',
    classCode: 'Class code',
    classHint: 'The code of a class that is there, or unused digits for a new one; at most 4',
    classZh: 'Class name in Chinese',
    classEn: 'Class name in English',
    codeHint: '2 to 8 digits, once within a standard and kind',
    standard: 'Standard',
    standardHint: 'Use “local” for a local extension',
    code2013: '2013 code',
    code2007: '2007 code',
    local: 'Local',
    every: 'With inactive and older ones',
    add: 'Add a local type',
    activeHint: 'An inactive type cannot be chosen in a report; cases that have it keep it',
    empty: 'No type matches',
    emptyHint: 'Try another name or code, or include inactive and older ones.',
    tooMany: 'Only the first {count} were fetched. Narrow the search.',
  },
  set: {
    choose: 'Choose a set of standards',
    emptyHint: 'Choose a set, or make or import one.',
    codeHint: 'Letters, digits, dots, dashes and underscores; it stays as it is',
    source: 'Source',
    sourceHint: 'Name or number of the document',
    exists: 'A set with this code exists already. Choose another code',
    make: 'Make a set',
    rename: 'Edit the name',
    use: 'Put in use',
    inUse: 'In use',
    notInUse: 'Not in use',
    rows: '{count} rows',
    useQuestion: 'Put “{name}” in use? Other sets go out of use and newly filed cases take their limits from it; cases already filed keep theirs.',
    used: 'Put in use',
  },
  condition: {
    lead: 'Filing condition, time limit and closing condition of every type. A change applies to cases filed from now on.',
    find: 'Type, code or filing condition',
    no: 'No.',
    area: 'Area class',
    everyArea: 'Every',
    areaHint: 'Leave empty for every class of area',
    filing: 'Filing condition',
    filingZh: 'Filing condition (Chinese)',
    filingEn: 'Filing condition (English)',
    limit: 'Time limit',
    unit: 'Unit of the limit',
    unitHint: 'Urgent and calendar units run through holidays; working hours and days follow the working calendar',
    disposal: 'What is to be done',
    closing: 'Closing condition',
    closingZh: 'Closing condition (Chinese)',
    closingEn: 'Closing condition (English)',
    department: 'Kind of department',
    supervising: 'Supervising department',
    legal: 'Legal basis',
    collection: 'Collection requirement',
    title: '{type} · condition {no}',
    add: 'Add a condition',
    retire: 'Retire',
    retireQuestion: 'Retire “{name}”? It can no longer be chosen for filing; cases filed by it keep it.',
    retired: 'Retired',
    empty: 'No conditions',
    emptyHint: 'Try another word, or add or import conditions.',
    shown: '{count} shown',
  },
  importing: {
    title: 'Import a manual',
    lead: 'The mapping says which column holds what. Try first and look at the result, then import; importing twice makes nothing twice.',
    file: 'Manual (XLSX or CSV)',
    chooseFile: 'Choose a file',
    noFile: 'No file chosen',
    mapping: 'Mapping (YAML)',
    chooseMapping: 'Read the mapping from a file',
    try: 'Try',
    import: 'Import',
    tried: 'Trial finished; nothing was written',
    done: 'Import finished',
    read: 'Read',
    made: 'New',
    changed: 'Changed',
    unchanged: 'Unchanged',
    faulty: 'Faulty',
    row: 'Row',
    fault: 'Fault',
    someFaults: 'The first {count} faults of {all}',
    template: `name: "{name}"
purpose: standards
standard_set: {set}
table:
  header_row: 1
nulls: ["/", "-"]
fields:
  type:
    column: Type code
  kind:
    column: Kind
    aliases: kinds
  filing_condition:
    column: Filing condition
  disposal_requirement:
    column: Disposal requirement
  closing_condition:
    column: Closing condition
  limit:
    column: Limit
  limit_unit:
    column: Unit
aliases:
  kinds:
    Component: component
    Matter: matter
`,
  },
  rule: {
    lead: 'Which organisation handles what kind of case where. The most specific rule wins: type before class, smaller area before larger, then the priority.',
    empty: 'Without rules the organisation is proposed by the kind of department and the division.',
    add: 'Add a rule',
    scope: 'Applies to',
    codeHint: 'Shown as the reason of a proposal, such as R-12',
    typeHint: 'With a type the class is left out',
    classHint: 'Without type and class the rule is for every type',
    division: 'Division',
    divisionHint: 'Leave empty for the whole city',
    organisation: 'Organisation',
    priority: 'Priority',
    priorityHint: 'Where rules are equally specific the higher number goes first; −1000 to 1000',
    note: 'Note',
    wholeClass: '{name} (whole class)',
    everyType: 'Every type',
    everywhere: 'Whole city',
    dropQuestion: 'Remove rule {code}? Cases already dispatched stay.',
    dropped: 'Removed',
  },
}

export const node = {
  name: '临江市城市运行管理服务平台',
  name_en: 'Linjiang city operation',
  division_code: '990100',
  tier: 'city',
  time_zone: 'Asia/Shanghai',
}
export const organisations = ['市政管护中心', '环境卫生管理所', '园林绿化管理所', '公安局交管支队', '城管执法大队', '水务局排水处', '滨江街道办事处', '东湖街道办事处', '电力公司运维部', '燃气集团抢修中心'].map((name, index) => ({ id: index + 10, name }))

const CASES = ['case.read', 'directory.read', 'territory.read', 'standards.read']
export const people = [
  { username: 'acceptor', name: '陈晓雯', desk: 'acceptor', more: ['case.report', 'case.batch', 'case.export', 'person.read_private'] },
  { username: 'leader.shift', name: '周建国', desk: 'shift_leader', more: ['case.batch', 'case.export', 'statistics.read', 'person.read_private'] },
  { username: 'dispatcher', name: '吴海涛', desk: 'dispatcher', more: ['case.batch', 'case.export', 'statistics.read'] },
  { username: 'department', name: '郑国强', desk: 'department', more: ['case.batch', 'case.export'] },
  { username: 'collector', name: '李春梅', desk: 'collector', more: ['case.report'] },
  { username: 'hotline', name: '何静', desk: 'hotline', more: ['case.report', 'person.read_private'] },
  { username: 'inspector', name: '马文博', desk: 'inspector', more: ['case.export', 'statistics.read'] },
  { username: 'leader', name: '高志远', desk: 'leader', more: ['case.export', 'statistics.read'] },
].map((person, index) => ({ ...person, id: index + 1, permissions: [...CASES, `case.act.${person.desk}`, ...person.more] }))

export type Person = (typeof people)[number]
export const collectors = ['李春梅', '王志刚', '张丽华', '刘洋', '孙佳'].map((name, index) => ({ id: index === 0 ? 5 : 100 + index, name }))

import codes from './zh-CN/codes'
import desk from './zh-CN/desk'
import one from './zh-CN/one'
import phrases from './zh-CN/phrases'

export default { ...codes, ...desk, ...one, ...phrases }

import codes from './zh-CN/codes'
import desk from './zh-CN/desk'
import one from './zh-CN/one'
import phrases from './zh-CN/phrases'
import places from './zh-CN/places'
import register from './zh-CN/register'

export default { ...codes, ...desk, ...one, ...phrases, ...places, ...register }

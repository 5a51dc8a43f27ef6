import codes from './en/codes'
import desk from './en/desk'
import one from './en/one'
import phrases from './en/phrases'
import places from './en/places'
import register from './en/register'

export default { ...codes, ...desk, ...one, ...phrases, ...places, ...register }

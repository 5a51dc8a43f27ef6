/** Colours of the base map: quiet, so that data on top speaks. One set per theme. */
export interface MapPalette {
  ground: string
  water: string
  waterLine: string
  waterText: string
  green: string
  forest: string
  farm: string
  living: string
  business: string
  industry: string
  civic: string
  square: string
  road: string
  roadCase: string
  highway: string
  highwayCase: string
  path: string
  rail: string
  transit: string
  building: string
  buildingLine: string
  block: string
  border: string
  text: string
  textStrong: string
  halo: string
  grid: string
  chosen: string
  light: { green: string; yellow: string; red: string; none: string }
  rim: string
}

export const lightMap: MapPalette = {
  ground: '#f0f2ef',
  water: '#cfe2ee',
  waterLine: '#bcd6e6',
  waterText: '#5c89a6',
  green: '#dbead6',
  forest: '#d0e4cb',
  farm: '#e9eedd',
  living: '#edefec',
  business: '#efeeec',
  industry: '#e8eaec',
  civic: '#efede3',
  square: '#f4f3f0',
  road: '#ffffff',
  roadCase: '#dde1e0',
  highway: '#fbeac6',
  highwayCase: '#e6d2a2',
  path: '#fbfbfa',
  rail: '#c6ccd2',
  transit: '#b3bfd0',
  building: '#e0e4e2',
  buildingLine: '#d0d5d3',
  block: '#dce1e0',
  border: '#a59bb8',
  text: '#566173',
  textStrong: '#323d4f',
  halo: '#ffffff',
  grid: '#1d5fbf',
  chosen: '#1d5fbf',
  light: { green: '#2b9a66', yellow: '#d9822b', red: '#d54941', none: '#8b95a5' },
  rim: '#ffffff',
}

export const darkMap: MapPalette = {
  ground: '#0d1726',
  water: '#12304a',
  waterLine: '#1a4263',
  waterText: '#5f9cc7',
  green: '#12281f',
  forest: '#112b1e',
  farm: '#17261d',
  living: '#101b2c',
  business: '#121e31',
  industry: '#131d2c',
  civic: '#171f2b',
  square: '#152034',
  road: '#243653',
  roadCase: '#0b1422',
  highway: '#4a4630',
  highwayCase: '#0b1422',
  path: '#1b2a42',
  rail: '#2c3c55',
  transit: '#33486a',
  building: '#17253b',
  buildingLine: '#22344f',
  block: '#1c2d48',
  border: '#5d5480',
  text: '#93a6c2',
  textStrong: '#cfdcf0',
  halo: '#0b1422',
  grid: '#6ea8f5',
  chosen: '#7db0f5',
  light: { green: '#4cc38a', yellow: '#eaa04f', red: '#ef6a62', none: '#7f90a8' },
  rim: '#0b1422',
}

export default {
  map: { failed: 'This browser cannot show maps (no WebGL). Coordinates and address can still be read.' },
  division: { choose: 'District / street / community' },
}

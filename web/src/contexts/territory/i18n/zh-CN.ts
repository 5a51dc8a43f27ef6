export default {
  map: { failed: '此电脑的浏览器不能显示地图（WebGL 不可用），坐标和地址仍可查看。' },
  division: { choose: '区县 / 街道 / 社区' },
}

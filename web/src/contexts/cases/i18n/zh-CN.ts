export default { nav: { workbench: '指挥协调' } }

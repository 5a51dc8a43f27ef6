export default { nav: { workbench: 'Command' } }
